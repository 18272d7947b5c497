-- A REVOKE reports success where it did nothing (16 and later: another grantor's membership stays), so look.
create or replace function freehold._membership_assert(granted regrole[], member name) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_granted regrole;
begin
    -- 15 has no options: a membership carries both. By case, for the planner would look into every row before it asks whose it is.
    select m.roleid into v_granted
    from pg_auth_members as m
    where m.roleid = any (granted) and m.member = to_regrole(quote_ident(_membership_assert.member))
        and case when m.member = to_regrole(quote_ident(_membership_assert.member))
                 then not to_jsonb(m) @> '{"inherit_option": false, "set_option": false}' end
    limit 1;
    if found then
        raise exception 'role "%" is still a member of "%"', member, pg_get_userbyid(v_granted)
            using errcode = 'FH501', detail = 'A membership that was revoked is still there; nothing was changed.',
                  hint = format('Look at pg_auth_members for its grantor and revoke it: revoke %s from %I granted by ....',
                                v_granted, member);
    end if;
end
$$;
