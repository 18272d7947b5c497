-- What the runners call. It acts as whoever calls it, so that it gives nobody anything, and stands where tenants cannot name it. It is
-- one for all of them, as a session keeps what it planned for a function in PL/pgSQL until it ends, and goes through all of that
-- whenever a relation changes.
do $$
begin
    execute format('create or replace function freehold_runner.execute_script(script text, path text) returns bigint
                        language plpgsql security invoker
                    as %L', freehold._runner_body());
    execute format('grant execute on function freehold_runner.execute_script(text, text) to %I', freehold._role('tenant'));
    execute format('create or replace function freehold_runner.execute_read(
                        query text, path text, until timestamptz, max_rows integer, max_bytes bigint, out answer jsonb[], out more text)
                        language plpgsql security invoker
                    as %L', freehold._reading_body());
    execute format('grant execute on function freehold_runner.execute_read(text, text, timestamptz, integer, bigint) to %I',
                   freehold._role('tenant'));
end
$$;
comment on function freehold_runner.execute_script(text, text) is 'Runs a script with a path, as whoever calls it.';
comment on function freehold_runner.execute_read(text, text, timestamptz, integer, bigint) is
    'Runs one query with a path, as whoever calls it, and returns its rows.';
