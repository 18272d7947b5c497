-- The state machine. Every change of state passes through here.
create or replace function freehold._tenant_transition(tenant freehold.tenant, state text, reason text default null)
    returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_allowed constant jsonb := jsonb '{
        "provisioning": ["active", "erasing"],
        "active": ["suspended", "retired"],
        "suspended": ["active", "retired"],
        "retired": ["active", "erasing"],
        "erasing": ["erased"],
        "erased": []
    }';
    v_hint constant jsonb := jsonb '{
        "active": "select freehold.tenant_suspend(%1$L); keeps it out, select freehold.tenant_retire(%1$L); ends it.",
        "suspended": "select freehold.tenant_resume(%1$L); makes it active again, select freehold.tenant_retire(%1$L); ends it.",
        "retired": "select freehold.tenant_reinstate(%1$L); brings it back.",
        "erasing": "call freehold.tenant_erase(%1$L, ''...''); goes on with it."
    }';
    v_tenant freehold.tenant;
begin
    if not v_allowed -> tenant.state ? _tenant_transition.state then
        raise exception 'tenant "%" is %', tenant.slug, tenant.state
            using errcode = 'FH202',
                  detail = format('From there it can become %s, not %s.',
                                  (select coalesce(string_agg(a.state, ' or '), 'nothing else')
                                   from jsonb_array_elements_text(v_allowed -> tenant.state) as a (state)),
                                  _tenant_transition.state),
                  hint = format(coalesce(v_hint ->> tenant.state, 'select * from freehold.tenant_get(%1$L); shows it.'), tenant.slug);
    end if;
    update freehold.tenant as t
    set state = _tenant_transition.state, state_reason = reason, changed_at = freehold._now()
    where t.id = tenant.id
    returning * into v_tenant;
    perform pg_notify('freehold_tenant', '');
    return v_tenant;
end
$$;
