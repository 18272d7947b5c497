-- security definer: the tables are the owner's. Touches: tenant, template_version, template_ddl (read).
--
-- A deparse takes long, a hash over the catalogs takes little, and is made for all of a page at once. Of those of one version whose
-- hashes are equal one is deparsed: where it is as its template says, so are the others. All others are deparsed.
create or replace function freehold.fleet_drift(after text default null, max_rows integer default null)
    returns table (slug text, schema_name name, template text, version integer, drifted boolean, differences bigint)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
    set jit = off
as $$
    with page as materialized (
        select t.slug, t.schema_name, t.template, v.version, v.fingerprint, to_regnamespace(quote_ident(t.schema_name)) as ns
        from freehold.tenant as t
        join freehold.template_version as v on v.template = t.template and v.version = t.template_version
        where t.state in ('active', 'suspended', 'retired') and (fleet_drift.after is null or t.slug > fleet_drift.after)
        order by t.slug
        limit max_rows
    ),
    hashed as materialized (
        select p.*, h.hash
        from page as p
        left join freehold._drift_hash(array(select p.ns::oid from page as p where p.ns is not null)) as h on h.ns = p.ns::oid
    ),
    proven as materialized (
        select s.template, s.version, s.hash
        from (
            select distinct on (h.template, h.version, h.hash) h.template, h.version, h.hash, h.ns, h.fingerprint
            from hashed as h
            where h.hash is not null
            order by h.template, h.version, h.hash, h.slug
        ) as s
        where freehold.schema_fingerprint(s.ns) = s.fingerprint
    )
    select h.slug, h.schema_name, h.template, h.version, f.drifted,
           case when h.ns is null then null when f.drifted then (select count(*) from freehold.tenant_drift(h.slug)) else 0 end
    from hashed as h
    left join proven as p on (p.template, p.version, p.hash) = (h.template, h.version, h.hash)
    cross join lateral (
        select case when h.ns is null then true
                    when p.hash is not null then false
                    else freehold.schema_fingerprint(h.ns) <> h.fingerprint end as drifted
        offset 0
    ) as f
    order by h.slug
$$;

comment on function freehold.fleet_drift(text, integer) is
    'Every tenant, or a page of them after a slug, with its template version, whether its schema still equals it, and in how many '
    'objects it does not (null where the schema is gone). Pages of 50 to 200 keep locks and memory of a session few.';

-- As it was called before it knew pages; both at once would be ambiguous.
drop function if exists freehold.fleet_drift();
