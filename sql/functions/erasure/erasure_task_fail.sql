-- security definer: the table is the owner's. Touches: erasure_task, event (one row each).
create or replace function freehold.erasure_task_fail(operation_id bigint, eraser text, message text, token uuid default null)
    returns freehold.erasure_task
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select * from freehold._erasure_task_end(operation_id, eraser, token, 'failed', null, null, null, coalesce(message, ''))
$$;

comment on function freehold.erasure_task_fail(bigint, text, text, uuid) is
    'Says that an attempt at a task failed; it can be claimed again. Raises FH123 for an unknown task, FH202 for one that is done or '
    'excluded, FH401 when it is claimed by another.';
