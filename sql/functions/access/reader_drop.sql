-- security definer: drops a role through a cell. Touches: tenant, operation (one row each), break_glass.
create or replace function freehold.reader_drop(slug text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_operation bigint;
begin
    perform freehold._access_role(v_tenant, 'read');
    v_operation := freehold._operation_begin('reader_drop', v_tenant.id, slug);
    perform freehold._break_glass_end(v_tenant, 'the tenant''s reader was dropped', 'read');
    perform freehold._login_close(v_tenant.cell, v_tenant.ro_role);
    -- DROP OWNED takes back what the owner granted, if who runs it has the owner's rights.
    perform freehold._borrow_run(v_tenant.cell, array[quote_ident(v_tenant.ro_role), quote_ident(v_tenant.owner_role)]::regrole[],
                                 format('drop owned by %I', v_tenant.ro_role), format('drop role %I', v_tenant.ro_role));
    update freehold.tenant as t
    set ro_role = null, ro_login = false, changed_at = freehold._now()
    where t.id = v_tenant.id
    returning * into v_tenant;
    perform pg_notify('freehold_tenant', '');
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.reader_drop(text) is
    'Drops a tenant''s read-only runtime role, its rights, memberships and sessions with it, and ends what staff opened by '
    'break_glass_open() to read. Raises FH101 for an unknown slug, FH104 for a tenant that has none.';
