-- Runs a script as the owner of a home, its schema first on the path; returns the rows that its last statement changed.
--
-- Script and schema are not trusted. They cannot change the role, as the runner is a definer function. What would wait in the
-- session to be looked up or run by the caller is refused afterwards: a path that was set by a plain SET, which outlives every
-- SET clause up the stack, another actor, a held cursor, a prepared statement. The next name here is looked up when that is known.
create or replace function freehold._runner_run(home freehold.tenant, script text) returns bigint
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_actor constant text := freehold.actor_current();
    v_runner text;
    v_rows bigint;
begin
    if coalesce(btrim(script, E' \t\r\n'), '') = '' then
        raise exception 'the script is empty' using errcode = 'FH003';
    end if;
    v_runner := freehold._runner_make(home);
    execute format('select %s($1, $2)', v_runner)
        into v_rows using script, format('%I, pg_catalog, pg_temp', home.schema_name);
    if pg_catalog.current_setting('search_path') operator(pg_catalog.<>) 'pg_catalog, pg_temp' then
        raise exception 'code that ran for a tenant set the search_path of the session'
            using errcode = 'FH303', hint = 'Use set local, or a set clause of the function.';
    end if;
    perform freehold._runner_settle(home);
    if freehold.actor_current() is distinct from v_actor then
        raise exception 'code that ran for a tenant set the actor' using errcode = 'FH303', hint = 'The ledger says who applied it.';
    end if;
    if exists (select from pg_catalog.pg_cursors as c where c.is_holdable) then
        raise exception 'code that ran for a tenant left a cursor' using errcode = 'FH303';
    end if;
    if exists (select from pg_catalog.pg_prepared_statements as p where p.from_sql) then
        raise exception 'code that ran for a tenant left a prepared statement'
            using errcode = 'FH303', hint = 'It outlives the transaction: deallocate all, or take a new session.';
    end if;
    perform freehold._reach_check(home.schema_name);
    return v_rows;
end
$$;
