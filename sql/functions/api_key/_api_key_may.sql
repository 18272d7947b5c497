-- Whoever makes or rotates a key gets its token, and so its roles: they must be the caller's own. A service whose login has many roles
-- acts as the one that it set. An admin may do whatever auditors and workers may; break_glass is a group apart.
create or replace function freehold._api_key_may(roles text[]) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_caller constant name := freehold._role_acting();
    v_lacking constant text[] := array(
        select r
        from unnest(roles) as r
        where not pg_has_role(v_caller, freehold._role(r), 'usage')
            and not (r in ('auditor', 'worker') and pg_has_role(v_caller, freehold._role('admin'), 'usage'))
        order by r);
begin
    if v_lacking <> '{}' then
        raise exception 'role "%" has not what the key would have', v_caller
            using errcode = 'FH381', detail = format('It is not in: %s.', array_to_string(v_lacking, ', ')),
                  hint = 'Nobody gives a key more than he has: whoever is in both groups makes it, in a session of his own.';
    end if;
end
$$;
