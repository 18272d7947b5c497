-- The entries of a home's log, for a FROM clause. What a session had set is kept as it was: empty where it had set nothing, and the
-- actor then is the login.
create or replace function freehold._audit_source(home_id uuid) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
    return format(
        '(select l.id, l.entry_id, l.xid, l.at, l.table_name, l.action, l.key, l.old, l.new,
                 coalesce(nullif(l.actor, ''''), l.login::text) as actor, l.login, nullif(l.application_name, '''') as application_name,
                 l.client_address, nullif(l.request_id, '''') as request_id
          from freehold_audit.%I as l)', freehold._audit_name(home_id));
