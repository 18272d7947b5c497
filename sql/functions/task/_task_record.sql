-- How a run ended, and when the next is due: at once while there is something to do, though not for ever; after a failure in ten
-- seconds, twice as long each time, an hour at most. Touches: task (one row).
create or replace function freehold._task_record(name text, started_at timestamptz, result integer, code text, message text)
    returns freehold.task
    language sql volatile security invoker
begin atomic
    update freehold.task as t
    set last_started_at = _task_record.started_at, last_finished_at = n.now, last_result = result,
        last_error_code = left(code, 5), last_error = left(message, 2000),
        failures = case when code is null then 0 else t.failures + 1 end,
        turn = case when result > 0 and t.turn < 999 then t.turn + 1 else 0 end,
        next_due_at = case when code is not null then n.now + least(interval '10 seconds' * 2 ^ least(t.failures, 9), interval '1 hour')
                           when result > 0 and t.turn < 999 then n.now
                           else n.now + t.every end
    from (select freehold._now() as now) as n
    where t.name = _task_record.name
    returning t.*;
end;
