-- security definer: makes a role through a cell and grants as the schema's owner. Touches: tenant, operation (one row each).
create or replace function freehold.reader_create(slug text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_schema constant regnamespace := quote_ident(v_tenant.schema_name)::regnamespace;
    v_open text;
    v_operation bigint;
begin
    if v_tenant.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', slug, v_tenant.state
            using errcode = 'FH202', detail = 'Only an active or suspended tenant can be given a reader.';
    end if;
    v_operation := freehold._operation_begin('reader_create', v_tenant.id, slug);
    if v_tenant.ro_role is null then
        v_tenant := freehold._reader_make(v_tenant);
        perform freehold._group_join(v_tenant.cell, v_tenant.ro_role);
        if v_tenant.state = 'active' then
            perform freehold._tenant_admit(v_tenant);
        end if;
    end if;
    perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role,
        freehold._runtime_grants(v_schema, v_tenant.ro_role, 'read'));
    if v_tenant.state <> 'active' then
        perform freehold._tenant_exclude(v_tenant);
    end if;
    select string_agg(p.oid::regprocedure::text, ', ' order by p.oid::regprocedure::text) into v_open
    from pg_depend as d
    join pg_proc as p on p.oid = d.objid and p.prosecdef
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = v_schema and d.classid = 'pg_proc'::regclass
        and has_function_privilege(v_tenant.ro_role, p.oid, 'execute');
    if v_open is not null then
        raise exception 'a reader of tenant "%" could write through functions that PUBLIC may execute', slug
            using errcode = 'FH303', detail = format('They are SECURITY DEFINER: %s.', v_open),
                  hint = 'In the template and the tenant: revoke execute on function ... from public, and grant it to who needs it.';
    end if;
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.reader_create(text) is
    'Gives a tenant a read-only runtime role, <schema>_ro: SELECT on its tables, views and sequences, those made later included, '
    'and EXECUTE on its functions but those that are SECURITY DEFINER. Call it again after functions were added; what the owner '
    'revoked from the role is granted again then. A clone of the tenant has one too. Raises FH101 for an unknown slug, FH202 '
    'unless the tenant is active or suspended, FH303 naming the SECURITY DEFINER functions that PUBLIC may execute.';
