-- security definer: alters a role through a cell and ends its sessions. Touches: tenant, operation (one row each).
create or replace function freehold.login_disable(slug text, access text default 'write') returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_role constant name := freehold._access_role(v_tenant, access);
    v_operation bigint := freehold._operation_begin('login_disable', v_tenant.id, slug,
        jsonb_build_object('access', access, 'role', v_role));
begin
    update freehold.tenant as t
    set rw_login = t.rw_login and access <> 'write', ro_login = t.ro_login and access <> 'read', changed_at = freehold._now()
    where t.id = v_tenant.id
    returning * into v_tenant;
    perform freehold._login_close(v_tenant.cell, v_role);
    perform freehold._cell_run(v_tenant.cell, format(
        'alter role %1$I password null; alter role %1$I connection limit %3$s; alter role %1$I in database %2$I reset search_path',
        v_role, current_database(), coalesce(v_tenant.limits ->> 'connections', '-1')));
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.login_disable(text, text) is
    'Takes the login of a tenant''s runtime role away, its password and sessions with it; access is write or read. Raises FH101 '
    'for an unknown slug, FH104 for a tenant without reader.';
