-- A REVOKE reports success where it did nothing (16 and later: another grantor's membership stays), so look.
create or replace function freehold._membership_assert(granted name, member name) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select
        from pg_auth_members as m
        where m.roleid = (select r.oid from pg_roles as r where r.rolname = granted)
            and m.member = (select r.oid from pg_roles as r where r.rolname = _membership_assert.member)
            and (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
                 or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))
    ) then
        raise exception 'role "%" is still a member of "%"', member, granted
            using errcode = 'FH501', detail = 'A membership that was revoked is still there; nothing was changed.',
                  hint = format('Look at pg_auth_members for its grantor and revoke it: revoke %I from %I granted by ....',
                                granted, member);
    end if;
end
$$;
