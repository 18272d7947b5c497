-- security definer: the table is the owner's. Touches: app_user (read).
create or replace function freehold.user_get(id uuid) returns freehold.app_user
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user freehold.app_user;
begin
    select * into v_user from freehold.app_user as u where u.id = user_get.id;
    if not found then
        raise exception 'there is no user %', coalesce(id::text, 'null')
            using errcode = 'FH141', hint = 'select id from freehold.user_list(); shows them.';
    end if;
    return v_user;
end
$$;

comment on function freehold.user_get(uuid) is 'A user, with what is personal: admins only. Raises FH141 for an unknown id.';
