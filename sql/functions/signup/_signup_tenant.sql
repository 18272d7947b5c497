-- The tenant of a sign-up, its row locked, or the error that it is no longer there.
create or replace function freehold._signup_tenant(signup freehold.signup) returns freehold.tenant
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_slug constant text := (select t.slug from freehold.tenant as t where t.id = signup.tenant_id and t.state <> 'erased');
    v_tenant freehold.tenant;
begin
    if v_slug is not null then
        v_tenant := freehold._tenant_lock(v_slug);
    end if;
    if v_tenant.id is distinct from signup.tenant_id or v_tenant.state not in ('provisioning', 'active') then
        raise exception 'the tenant of sign-up % is %', signup.id, coalesce(v_tenant.state, 'erased')
            using errcode = 'FH202', hint = format('Mend that, or take it back: select freehold.signup_undo(%s, ''...'');', signup.id);
    end if;
    return v_tenant;
end
$$;
