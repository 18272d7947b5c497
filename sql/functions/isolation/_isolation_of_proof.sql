-- Positive controls: a tenant whose own rights are not there would pass for isolated, and so would a fleet without tenants.
create or replace function freehold._isolation_of_proof()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'unproven', c.slug, c.role_name::text, 'schema', c.schema_name::text, 'usage, select', 'positive control',
           'Install again: freehold install, or psql -X -1 -f sql/install.sql'
    from freehold._isolation_control() as c
    where not c.held
    union all
    select 'unproven', null, null, 'tenant', 'none', null, 'there is no active tenant to ask about',
           'select freehold.tenant_provision(''acme'');'
    where not exists (select from freehold.tenant as t where t.state = 'active')
$$;
