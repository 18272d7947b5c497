-- Makes the definer function of a cell, which executes its argument as the cell's provisioner. The caller must hold the
-- provisioner's role for the moment. The only function of freehold that runs what it is given; only the owner may call it.
create or replace function freehold._cell_function(number integer) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_function constant name := freehold._cell_name('_cell_', number);
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), number);
    v_owner constant name := freehold._role('owner');
    -- From 16 on this setting, a caller's or the database's, would have the cell grant itself each role that it makes.
    v_pinned constant text := case when current_setting('server_version_num')::integer >= 160000
                                   then 'set createrole_self_grant = ''''' else '' end;
begin
    if to_regprocedure(format('freehold.%I(text, text)', v_function)) is not null then
        -- One of an earlier install, made without it.
        if v_pinned <> '' and not exists (
            select from pg_proc as p, unnest(p.proconfig) as c
            where p.oid = to_regprocedure(format('freehold.%I(text, text)', v_function)) and c like 'createrole\_self\_grant=%')
        then
            execute format('grant usage on schema freehold to %I', v_cell);
            perform freehold._cell_run(number, format('alter function freehold.%I(text, text) %s', v_function, v_pinned));
            execute format('revoke usage on schema freehold from %I', v_cell);
        end if;
        return;
    end if;
    execute format(
        'create function freehold.%I(statement text, argument text) returns text
             language plpgsql security definer
             set search_path = pg_catalog, pg_temp %s
         as %L', v_function, v_pinned, '
-- security definer: only a provisioner may make and drop the roles and schemas of its cell. EXECUTE is the owner''s alone.
declare
    v_result text;
begin
    if argument is null then
        execute statement;
    else
        execute statement into v_result using argument;
    end if;
    -- A plain SET in code that ran outlives every SET clause up the stack, and here the next name would be looked up by it.
    if pg_catalog.current_setting(''search_path'') operator(pg_catalog.<>) ''pg_catalog, pg_temp'' then
        raise exception ''code that ran for a tenant set the search_path of the session'' using errcode = ''FH303'';
    end if;
    return v_result;
end
');
    execute format('comment on function freehold.%I(text, text) is %L', v_function,
                   format('Executes its argument as %s. Only %s may call it.', v_cell, v_owner));
    execute format('revoke all on function freehold.%I(text, text) from public', v_function);
    execute format('grant create on schema freehold to %I', v_cell);
    execute format('alter function freehold.%I(text, text) owner to %I', v_function, v_cell);
    execute format('revoke create on schema freehold from %I', v_cell);
    execute format('revoke all on function freehold.%I(text, text) from %I', v_function, v_owner);
    execute format('grant execute on function freehold.%I(text, text) to %I', v_function, v_owner);
end
$$;
