-- security definer: the table is the owner's. Touches: task, operation (one row each).
create or replace function freehold.task_set(name text, every interval default null, enabled boolean default null) returns freehold.task
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_started constant timestamptz := freehold._now();
    v_old constant freehold.task := freehold._task_get(name);
    v_task freehold.task;
begin
    if every < interval '1 second' or not isfinite(v_started + every) then
        raise exception 'a task is run once a second at most, and not every %', every
            using errcode = 'FH003', hint = 'To have it run no more, disable it.';
    end if;
    update freehold.task as t
    set every = coalesce(task_set.every, t.every), enabled = coalesce(task_set.enabled, t.enabled),
        -- Enabled, it is due; run more often, it is due no later than that.
        next_due_at = case when t.next_due_at is null or task_set.enabled and not t.enabled then null
                           else least(t.next_due_at, v_started + coalesce(task_set.every, t.every)) end
    where t.name = v_old.name
    returning * into v_task;
    if (v_task.every, v_task.enabled) is distinct from (v_old.every, v_old.enabled) then
        perform freehold._operation_done('task_set', null, null, v_started, jsonb_build_object(
            'name', v_task.name, 'old', jsonb_build_object('every', v_old.every, 'enabled', v_old.enabled),
            'new', jsonb_build_object('every', v_task.every, 'enabled', v_task.enabled)));
        perform pg_notify('freehold_keeper', '');
    end if;
    return v_task;
end
$$;

comment on function freehold.task_set(text, interval, boolean) is
    'Says how often the keeper runs a task, and whether it does; what is null stays as it is. Raises FH161 for an unknown name, FH003 for '
    'an interval that is none.';
