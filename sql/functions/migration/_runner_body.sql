-- What every runner executes: a script as the owner whose function it is.
create or replace function freehold._runner_body() returns text
    language sql immutable security invoker
    return '
-- security definer: a migration runs as the owner of its schema. EXECUTE is freehold''s alone.
declare
    v_rows pg_catalog.int8;
begin
    perform pg_catalog.set_config(''search_path'', path, true);
    set constraints all immediate;
    execute script;
    get diagnostics v_rows = row_count;
    -- Of triggers that the script itself made.
    set constraints all immediate;
    return v_rows;
end
';
