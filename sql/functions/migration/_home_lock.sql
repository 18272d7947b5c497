-- The home of migrations, locked: a tenant by its slug, or a template's own schema by its name after @, in the shape of a tenant.
create or replace function freehold._home_lock(home text) returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
begin
    if home like '@%' then
        return freehold._template_home(freehold._template_lock(substr(home, 2)));
    end if;
    v_tenant := freehold._tenant_lock(home);
    if v_tenant.state not in ('active', 'suspended', 'retired') then
        raise exception 'tenant "%" is %', home, v_tenant.state
            using errcode = 'FH202', detail = 'Only a tenant that is whole can be migrated.';
    end if;
    return v_tenant;
end
$$;
