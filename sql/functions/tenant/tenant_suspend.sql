-- security definer: takes the runtime role out of its gate. Touches: tenant, operation (one row each), break_glass.
create or replace function freehold.tenant_suspend(slug text, reason text default null) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_operation bigint;
begin
    v_operation := freehold._operation_begin('suspend', v_tenant.id, slug, jsonb_build_object('reason', reason));
    v_tenant := freehold._tenant_transition(v_tenant, 'suspended', reason);
    perform freehold._break_glass_end(v_tenant, 'the tenant was suspended');
    perform freehold._tenant_exclude(v_tenant);
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.tenant_suspend(text, text) is
    'Shuts a tenant out: its runtime roles lose every right in the schema, in sessions that are inside as well; they leave the '
    'gate and can no longer log in, their own sessions are ended, and so is what staff opened by break_glass_open(). Data stays. '
    'Raises FH003 for a reason that is too long, FH101 for an unknown slug, FH202 unless the tenant is active.';
