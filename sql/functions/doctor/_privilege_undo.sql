-- The statement that takes a privilege back, and what was passed on of it. A REVOKE reaches only what the role it runs as has
-- granted.
create or replace function freehold._privilege_undo(privilege text, object text, grantee oid, grantor oid, owner oid) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format(case when grantor = owner then '%2$s' else 'set role %1$s; %2$s reset role;' end, grantor::regrole,
                  format('revoke %s on %s from %s cascade;', lower(privilege), object,
                         case grantee when 0 then 'public' else grantee::regrole::text end))
$$;
