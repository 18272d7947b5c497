-- The id of an active user, by itself or by issuer and subject; null where there is none. Where both are given they must agree.
create or replace function freehold._user_find(user_id uuid, issuer text, subject text) returns uuid
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if user_id is null then
        return (select u.id from freehold.app_user as u
                where u.issuer = _user_find.issuer and u.subject = _user_find.subject and u.active);
    end if;
    return (select u.id from freehold.app_user as u
            where u.id = user_id and u.active
                and (_user_find.issuer is null and _user_find.subject is null
                     or u.issuer = _user_find.issuer and u.subject = _user_find.subject));
end
$$;
