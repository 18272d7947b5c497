-- Whom this session acts as: the role that was set, else the login. A custom setting could be anybody's say; this is not.
create or replace function freehold._role_acting() returns name
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(nullif(current_setting('role'), 'none'), session_user);
end
$$;
