-- The state machine. Every change of state passes through here.
create or replace function freehold._tenant_transition(tenant freehold.tenant, state text, reason text default null)
    returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_allowed constant jsonb := jsonb '{
        "provisioning": ["active"],
        "active": ["suspended", "retired"],
        "suspended": ["active", "retired"],
        "retired": ["active", "erasing"],
        "erasing": ["erased"],
        "erased": []
    }';
    v_hint constant jsonb := jsonb '{
        "active": "Suspend it with tenant_suspend(), end it with tenant_retire().",
        "suspended": "tenant_resume() makes it active again; tenant_retire() ends it.",
        "retired": "tenant_reinstate() brings it back; call tenant_erase() removes it once its grace is over.",
        "erasing": "call freehold.tenant_erase() goes on with it."
    }';
    v_tenant freehold.tenant;
begin
    if not v_allowed -> tenant.state ? _tenant_transition.state then
        raise exception 'tenant "%" is %', tenant.slug, tenant.state
            using errcode = 'FH202', detail = format('It cannot become %s from there.', _tenant_transition.state),
                  hint = coalesce(v_hint ->> tenant.state, 'select * from freehold.tenant_get(slug) shows it.');
    end if;
    update freehold.tenant as t
    set state = _tenant_transition.state, state_reason = reason, changed_at = freehold._now()
    where t.id = tenant.id
    returning * into v_tenant;
    perform pg_notify('freehold_tenant', '');
    return v_tenant;
end
$$;
