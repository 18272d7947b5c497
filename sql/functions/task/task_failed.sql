-- security definer: the table is the owner's. Touches: task (one row), keeper (its row locked shared).
create or replace function freehold.task_failed(name text, sqlstate text, message text, holder text default null) returns freehold.task
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_task constant freehold.task := freehold._task_get(name);
begin
    if holder is not null then
        perform freehold._keeper_check(holder, at_end => true);
    end if;
    return freehold._task_record(v_task.name, freehold._now(), null, coalesce(nullif(sqlstate, ''), 'XX000'), coalesce(message, ''));
end
$$;

comment on function freehold.task_failed(text, text, text, text) is
    'Records a run that was cut off: cancelled, or its session lost. Its transaction took everything back, so a client says so in a new '
    'one. Raises FH161 for an unknown name, FH261 for a keeper that does not lead.';
