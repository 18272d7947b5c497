-- security definer: alters roles through a cell. Touches: tenant, operation (one row each).
create or replace function freehold.limit_reset(slug text, name text default null) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_names text[] := array[name];
begin
    if name is null then
        v_names := array(select jsonb_object_keys(v_tenant.limits));
    else
        perform freehold._limit_check(name);
    end if;
    return freehold._limit_change('limit_reset', v_tenant, v_tenant.limits - v_names, v_names, jsonb_build_object(
        'names', to_jsonb(v_names)));
end
$$;

comment on function freehold.limit_reset(text, text) is
    'Takes a limit of a tenant back, all of them where no name is given; no error where there is none. Sessions of its own logins '
    'keep what they began with. Raises FH101 for an unknown slug, FH003 for a name that is no limit''s, FH202 unless the tenant is '
    'active or suspended, FH303 for temp_file_limit where no superuser allows it any more.';
