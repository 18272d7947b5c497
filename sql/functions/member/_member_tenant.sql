-- A tenant that members may be added to, its row locked: whoever changes members of it waits.
create or replace function freehold._member_tenant(slug text) returns freehold.tenant
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
begin
    if v_tenant.state not in ('provisioning', 'active', 'suspended') then
        raise exception 'tenant "%" is %', v_tenant.slug, v_tenant.state
            using errcode = 'FH202', detail = 'Nobody becomes a member of it.';
    end if;
    return v_tenant;
end
$$;
