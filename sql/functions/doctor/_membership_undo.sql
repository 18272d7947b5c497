-- The statement that takes a membership back: from 16 on only in its grantor's name.
create or replace function freehold._membership_undo(roleid oid, member oid, grantor oid) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format('revoke %s from %s%s;', roleid::regrole, member::regrole,
                  case when current_setting('server_version_num')::integer >= 160000
                       then format(' granted by %s', grantor::regrole) end)
$$;
