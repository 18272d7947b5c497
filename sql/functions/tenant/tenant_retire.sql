-- security definer: takes the runtime role out of its gate. Touches: tenant, operation (one row each), break_glass, setting (read).
create or replace function freehold.tenant_retire(slug text, grace interval default null, reason text default null)
    returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_grace constant interval := coalesce(grace, freehold._setting_value('retire_grace')::interval);
    v_suspension constant text := case when v_tenant.state = 'suspended' then coalesce(v_tenant.state_reason, '') end;
    v_operation bigint;
begin
    if v_grace < interval '0' then
        raise exception 'the grace period is negative' using errcode = 'FH003';
    end if;
    -- Clients read no date after the year 9999.
    if v_grace > interval '1000 years' then
        raise exception 'the grace period is longer than 1000 years' using errcode = 'FH003';
    end if;
    v_operation := freehold._operation_begin('retire', v_tenant.id, slug,
                                             jsonb_build_object('reason', reason, 'grace', v_grace));
    v_tenant := freehold._tenant_transition(v_tenant, 'retired', reason);
    update freehold.tenant as t
    set retired_at = freehold._now(), erase_after = freehold._now() + v_grace, suspension = v_suspension
    where t.id = v_tenant.id
    returning * into v_tenant;
    perform freehold._break_glass_end(v_tenant, 'the tenant was retired');
    perform freehold._tenant_exclude(v_tenant);
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.tenant_retire(text, interval, text) is
    'Ends a tenant: shut out as by tenant_suspend(), kept for the grace period (by default the setting retire_grace), then free '
    'to be erased. Raises FH003 for a reason that is too long, FH101 for an unknown slug, FH202 unless the tenant is active or '
    'suspended.';
