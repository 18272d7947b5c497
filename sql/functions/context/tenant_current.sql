-- security definer: reads the registry for those who may not. Touches: tenant (read).
create or replace function freehold.tenant_current() returns text
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_slug constant text := (freehold._role_tenant(freehold._role_acting())).slug;
begin
    if v_slug is null then
        raise exception 'no tenant is set'
            using errcode = 'FH301', detail = format('Role "%s" is no tenant''s.', freehold._role_acting()),
                  hint = 'select freehold.tenant_enter(''...''); in the same transaction.';
    end if;
    return v_slug;
end
$$;

comment on function freehold.tenant_current() is
    'The slug of the tenant as whom this session acts, by its role, which cannot be forged. Raises FH301 where that is no tenant''s.';
