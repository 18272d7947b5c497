-- The statement, for its cell, by which pgaudit logs what a runtime role reads, from its next login on; or no longer does.
create or replace function freehold._reads_script(role name, enabled boolean) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
    return format('alter role %I in database %I %s pgaudit.log%s', role, current_database(),
                  case when enabled then 'set' else 'reset' end, case when enabled then ' = ''read''' end);
