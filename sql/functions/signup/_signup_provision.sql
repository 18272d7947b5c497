-- The stage provisioned: a tenant, from the reserve or built, in stages where one transaction's locks would not do. Until those are
-- over the sign-up stays at its stage. Touches: signup (one row), what tenant_provision() does.
create or replace function freehold._signup_provision(signup freehold.signup) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_request freehold.signup_request;
    v_tenant freehold.tenant;
begin
    if signup.tenant_id is not null then
        v_tenant := freehold._signup_tenant(signup);
        if v_tenant.state = 'provisioning' then
            perform freehold.tenant_provision_step(v_tenant.slug);
            v_tenant := freehold._signup_tenant(signup);
        end if;
    else
        v_request := freehold._signup_asked(signup);
        -- The tenant has the slug from here on: who would claim it waits for this transaction.
        update freehold.signup as s set claim = null where s.id = signup.id;
        begin
            v_tenant := freehold.tenant_provision(signup.slug, signup.template, v_request.display_name, v_request.external_id,
                                                  v_request.settings);
        exception
            when sqlstate 'FH402' then
                perform freehold.tenant_provision_step(signup.slug, signup.template, v_request.display_name, v_request.external_id,
                                                       v_request.settings);
                v_tenant := freehold.tenant_get(signup.slug);
        end;
        signup.tenant_id := v_tenant.id;
    end if;
    return freehold._signup_advance(signup, case v_tenant.state when 'active' then 'provisioned' else signup.stage end);
end
$$;
