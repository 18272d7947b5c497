-- Has the runner of a home execute a script; returns the rows that its last statement changed. A plain SET in code that ran
-- outlives every SET clause up the stack, so the next name is looked up when it is known that nobody set the path.
create or replace function freehold._runner_call(home freehold.tenant, script text) returns bigint
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows bigint;
begin
    execute format('select freehold_runner.%I($1, $2)', freehold._runner_name(home.id))
        into v_rows using script, format('%I, pg_catalog, pg_temp', home.schema_name);
    if pg_catalog.current_setting('search_path') operator(pg_catalog.<>) 'pg_catalog, pg_temp' then
        raise exception 'code that ran for a tenant set the search_path of the session'
            using errcode = 'FH303', hint = 'Use set local, or a set clause of the function.';
    end if;
    return v_rows;
end
$$;
