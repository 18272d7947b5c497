-- A user's row, locked, or the error.
create or replace function freehold._user_lock(id uuid, shared boolean default false) returns freehold.app_user
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user freehold.app_user;
begin
    if shared then
        select * into v_user from freehold.app_user as u where u.id = _user_lock.id for share;
    else
        select * into v_user from freehold.app_user as u where u.id = _user_lock.id for update;
    end if;
    if not found then
        raise exception 'there is no user %', coalesce(id::text, 'null')
            using errcode = 'FH141', hint = 'select id from freehold.user_list(); shows them.';
    end if;
    return v_user;
end
$$;
