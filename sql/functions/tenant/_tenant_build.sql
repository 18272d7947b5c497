-- Makes roles and schema from a frozen template. Nobody is let in yet.
create or replace function freehold._tenant_build(tenant freehold.tenant, template text, version integer) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_staged constant text := 'call freehold.tenant_provision_staged()';
begin
    perform freehold._lock_check(
        (select v.locks from freehold.template_version as v
         where v.template = _tenant_build.template and v.version = _tenant_build.version),
        format('building from template "%s"', template), c_staged);
    perform freehold._schema_create(tenant);
    perform freehold._build_run(tenant.cell, tenant.schema_name, tenant.owner_role,
        (select string_agg(s.ddl, E';\n' order by s.ordinal)
         from freehold._template_statements(template, version, tenant.schema_name, tenant.owner_role, tenant.rw_role) as s),
        c_staged);
    perform freehold._group_join(tenant.cell, tenant.owner_role, tenant.rw_role);
end
$$;
