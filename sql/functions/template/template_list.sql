-- security definer: the tables are the owner's. Touches: template, template_version, tenant (read).
create or replace function freehold.template_list()
    returns table (
        name text, schema_name name, state text, version integer, fingerprint text, frozen_at timestamptz, tenants bigint, changed boolean
    )
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    select t.name, t.schema_name, t.state, t.version, v.fingerprint, v.frozen_at,
           (select count(*) from freehold.tenant as n where n.template = t.name),
           v.fingerprint is distinct from freehold.schema_fingerprint(quote_ident(t.schema_name)::regnamespace)
    from freehold.template as t
    left join freehold.template_version as v on v.template = t.name and v.version = t.version
    order by t.name
$$;

comment on function freehold.template_list() is
    'Templates with their state (ready, or adopting and dropping while that is done in stages), their current version, the number of '
    'their tenants, and whether the schema has changed since it was frozen.';
