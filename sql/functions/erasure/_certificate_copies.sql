-- Tenants that were cloned from this one with its rows, or from such a clone, and are there: what it was is theirs as well.
create or replace function freehold._certificate_copies(tenant_id uuid) returns jsonb
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive clone as materialized (
        select o.tenant_id as id, (o.detail ->> 'source_id')::uuid as source, coalesce((o.detail ->> 'mask')::boolean, false) as masked,
               o.started_at as at
        from freehold.operation as o
        where o.kind = 'clone' and (o.detail ->> 'with_data')::boolean
    ), copy (id, masked, at) as (
        select c.id, c.masked, c.at from clone as c where c.source = _certificate_copies.tenant_id
        union
        select c.id, c.masked or p.masked, c.at from copy as p join clone as c on c.source = p.id
    )
    select coalesce(jsonb_agg(jsonb_build_object('tenant_id', c.id, 'masked', c.masked, 'made_at', freehold._utc(c.at))
                              order by c.at, c.id), '[]')
    from copy as c
    join freehold.tenant as t on t.id = c.id
    where t.state <> 'erased'
$$;
