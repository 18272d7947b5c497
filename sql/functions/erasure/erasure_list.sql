-- security definer: the tables are the owner's. Touches: operation, tenant, erasure_task, erasure_certificate (read).
create or replace function freehold.erasure_list(slug text default null, max_rows integer default 100)
    returns table (operation_id bigint, tenant_id uuid, tenant text, state text, begun_at timestamptz, erased_at timestamptz,
                   residue bigint, tasks_open bigint, horizon timestamptz, certificate text, certified_at timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select o.id, o.tenant_id, o.slug, o.state, o.started_at, case when o.state = 'done' then o.finished_at end,
           jsonb_array_length(o.detail -> 'residue'), k.open, (c.content ->> 'horizon')::timestamptz,
           case c.stage when 1 then 'logical' when 2 then 'physical' end, c.issued_at
    from freehold.operation as o
    cross join lateral (
        select count(*) as open from freehold.erasure_task as t
        where t.operation_id = o.id and t.state not in ('done', 'excluded')) as k
    left join lateral (
        select * from freehold.erasure_certificate as c
        where c.tenant_id = o.tenant_id and c.operation_id = o.id order by c.stage desc limit 1) as c on true
    where o.kind = 'erase' and o.staged and (erasure_list.slug is null or o.slug = erasure_list.slug)
    order by o.id desc
    limit erasure_list.max_rows
$$;

comment on function freehold.erasure_list(text, integer) is
    'Erasures, the latest first: what is open of each, and how far it is certified (logical, then physical).';
