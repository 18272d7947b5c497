-- security definer: the tables are the owner's, and a task may be private. Touches: task (one row), keeper (read, or its row locked
-- shared), what the task does.
create or replace function freehold.task_run(name text, holder text default null) returns integer
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_started constant timestamptz := freehold._now();
    v_task constant freehold.task := freehold._task_get(name);
    v_result integer;
    v_code text;
    v_message text;
begin
    if holder is not null then
        perform freehold._keeper_check(holder, at_end => false);
        if not v_task.enabled then
            return 0;
        end if;
    end if;
    -- One that fails says so in its row, and keeps no other.
    begin
        execute format('select coalesce(freehold.%I(), 0)', v_task.routine) into v_result;
    exception
        when others then
            get stacked diagnostics v_code = returned_sqlstate, v_message = message_text;
    end;
    if holder is not null then
        perform freehold._keeper_check(holder, at_end => true);
    end if;
    perform freehold._task_record(v_task.name, v_started, v_result, v_code, v_message);
    return v_result;
end
$$;

comment on function freehold.task_run(text, text) is
    'Runs a task once, in this transaction, due or not, and returns how much it did; null where it failed: then it has changed nothing, '
    'and its row in task_list() says why. Call it again while it is more than 0. A keeper gives its name: it is refused unless it '
    'leads, and what it did is taken back where another leads by the end; a task that is disabled is left out then. Raises FH161 for an '
    'unknown name, FH261 for a keeper that does not lead.';
