-- The way out for what one transaction's locks do not do for: the staged form, where there is one, as it would be called.
create or replace function freehold._lock_hint(staged text) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select concat(coalesce(staged || ' does it in several transactions; or raise', 'Raise'),
                  format(' max_locks_per_transaction (it is %s), which needs a restart.',
                         current_setting('max_locks_per_transaction')))
$$;
