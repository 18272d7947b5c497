-- What every runner has executed: a script, as the owner whose the runner is. The path is the runner's at first, then the tenant's; it is
-- set in an expression that was planned under the first, and would be planned anew under the second.
create or replace function freehold._runner_body() returns text
    language sql immutable security invoker
    return '
declare
    v_rows pg_catalog.int8;
begin
    execute case when pg_catalog.set_config(''search_path'', path, true) is not null then script end;
    get diagnostics v_rows = row_count;
    -- What the script has put off is done as the owner, on this path.
    set constraints all immediate;
    return v_rows;
end
';
