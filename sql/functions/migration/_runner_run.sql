-- Runs a script as the owner of a home, its schema first on the path; returns the rows that its last statement changed.
--
-- Script and schema are not trusted. They cannot change the role, as the runner is a definer function. What would wait in the
-- session to be looked up or run by the caller is refused afterwards: a path, another actor or request, a held cursor, a prepared
-- statement.
create or replace function freehold._runner_run(home freehold.tenant, script text) returns bigint
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_actor constant text := freehold.actor_current();
    v_request constant text := coalesce(current_setting('freehold.request_id', true), '');
    v_rows bigint;
    v_left text;
    v_deferrable boolean;
begin
    if coalesce(btrim(script, E' \t\r\n'), '') = '' then
        raise exception 'the script is empty' using errcode = 'FH003';
    end if;
    if to_regproc('freehold_runner.' || freehold._runner_name(home.id)) is null then
        perform freehold._runner_make(home);
    end if;
    v_rows := freehold._runner_call(home, script);
    -- Of tables without a trigger that can be put off nothing is pending. By their owner, as a script may have made some elsewhere,
    -- temporary ones where it may.
    -- A role's own first, and then a subquery for each: where the catalogs were not analyzed, the fleet's would be read.
    with owned as materialized (
        select d.dbid, d.classid, d.objid, d.deptype
        from pg_shdepend as d
        where d.refclassid = 'pg_authid'::regclass and d.refobjid = quote_ident(home.owner_role)::regrole
    )
    select exists (
        select from owned as d
        where d.dbid = (select b.oid from pg_database as b where b.datname = current_database())
            and d.classid = 'pg_class'::regclass and d.deptype = 'o'
            and (select count(*) from pg_trigger as t where t.tgrelid = d.objid and t.tgdeferrable) > 0)
    into v_deferrable;
    if v_deferrable then
        perform freehold._runner_settle(home);
    end if;
    if freehold.actor_current() is distinct from v_actor
        or coalesce(current_setting('freehold.request_id', true), '') <> v_request
    then
        raise exception 'code that ran for a tenant set the actor' using errcode = 'FH303', hint = 'The ledger says who applied it.';
    end if;
    v_left := (select 'cursor' from pg_catalog.pg_cursors as c where c.is_holdable
               union all
               select 'prepared statement' from pg_catalog.pg_prepared_statements as p where p.from_sql
               limit 1);
    if v_left is not null then
        raise exception 'code that ran for a tenant left a %', v_left
            using errcode = 'FH303', hint = 'It outlives the transaction: close all, deallocate all, or take a new session.';
    end if;
    perform freehold._reach_check(home.schema_name);
    return v_rows;
end
$$;
