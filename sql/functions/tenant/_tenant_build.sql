-- Makes roles and schema from a frozen template. Nobody is let in but by closing, statements for the cell. Where that makes the schema
-- as well, all is one run: what a GRANT or REVOKE of a role costs grows with the cell. The roles join the tenants' group at its end,
-- as in _group_join().
create or replace function freehold._tenant_build(tenant freehold.tenant, template text, version integer, closing text default null)
    returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_staged constant text := 'call freehold.tenant_provision_staged()';
    v_script record;
    v_before text;
    v_made text;
begin
    perform freehold._lock_check(
        (select v.locks from freehold.template_version as v
         where v.template = _tenant_build.template and v.version = _tenant_build.version),
        format('building from template "%s"', template), c_staged);
    if freehold._schema_maker(tenant.cell) = freehold._cell_name(freehold._role('cell_'), tenant.cell) then
        v_before := freehold._role_script(tenant);
        v_made := concat_ws('; ', freehold._schema_script(tenant.schema_name, tenant.owner_role), freehold._runner_script(tenant));
    else
        perform freehold._schema_create(tenant);
    end if;
    select string_agg(s.ddl, E';\n' order by s.ordinal) filter (where s.phase <> 'audit') as build,
           string_agg(s.ddl, E';\n' order by s.ordinal) filter (where s.phase = 'audit') as audit
    into v_script
    from freehold._template_statements(template, version, tenant.schema_name, tenant.owner_role, tenant.rw_role) as s;
    perform freehold._build_run(
        tenant.cell, tenant.schema_name, tenant.owner_role, v_script.build, c_staged, false, v_before, v_made,
        format('grant %I to %I, %I%s', freehold._role('tenant'), tenant.owner_role, tenant.rw_role, freehold._membership(true, false)),
        closing);
    if v_script.audit is not null then
        perform freehold._build_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_script.audit, c_staged);
    end if;
end
$$;

-- As it was called before a build could let somebody in.
drop function if exists freehold._tenant_build(freehold.tenant, text, integer);
