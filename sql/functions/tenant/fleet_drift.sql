-- security definer: the tables are the owner's. Touches: tenant, template_version, template_ddl (read).
create or replace function freehold.fleet_drift()
    returns table (slug text, schema_name name, template text, version integer, drifted boolean, differences bigint)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    select t.slug, t.schema_name, t.template, t.template_version, f.drifted,
           case when f.missing then null when f.drifted then (select count(*) from freehold.tenant_drift(t.slug)) else 0 end
    from freehold.tenant as t
    join freehold.template_version as v on v.template = t.template and v.version = t.template_version
    cross join lateral (
        select n.id is null as missing,
               case when n.id is null then true else freehold.schema_fingerprint(n.id) <> v.fingerprint end as drifted
        from (select to_regnamespace(quote_ident(t.schema_name)) as id) as n
    ) as f
    where t.state in ('active', 'suspended', 'retired')
    order by t.slug
$$;

comment on function freehold.fleet_drift() is
    'Every tenant with its template version, whether its schema still equals it, and in how many objects it does not '
    '(null where the schema is gone).';
