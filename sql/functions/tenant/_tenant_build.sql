-- Makes roles and schema from a frozen template. Nobody is let in yet.
create or replace function freehold._tenant_build(tenant freehold.tenant, template text, version integer) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_staged constant text := 'call freehold.tenant_provision_staged()';
    v_script record;
begin
    perform freehold._lock_check(
        (select v.locks from freehold.template_version as v
         where v.template = _tenant_build.template and v.version = _tenant_build.version),
        format('building from template "%s"', template), c_staged);
    perform freehold._schema_create(tenant);
    select string_agg(s.ddl, E';\n' order by s.ordinal) filter (where s.phase <> 'audit') as build,
           string_agg(s.ddl, E';\n' order by s.ordinal) filter (where s.phase = 'audit') as audit
    into v_script
    from freehold._template_statements(template, version, tenant.schema_name, tenant.owner_role, tenant.rw_role) as s;
    perform freehold._build_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_script.build, c_staged);
    perform freehold._group_join(tenant.cell, tenant.owner_role, tenant.rw_role);
    if v_script.audit is not null then
        perform freehold._build_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_script.audit, c_staged);
    end if;
end
$$;
