-- security definer: the table is the owner's. Touches: erasure_task, event (one row each).
create or replace function freehold.erasure_task_done(
    operation_id bigint, eraser text, detail jsonb default '{}', token uuid default null
) returns freehold.erasure_task
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if detail is null or jsonb_typeof(detail) <> 'object' or exists (
        select from jsonb_each(detail) as d where d.value::text !~ '^[0-9]{1,15}$')
    then
        raise exception 'what was erased is told in numbers by kind'
            using errcode = 'FH003', detail = 'A JSON object of whole numbers, {"objects": 12}: it outlives the tenant.';
    end if;
    return freehold._erasure_task_end(operation_id, eraser, token, 'done', erasure_task_done.detail, null, null, null);
end
$$;

comment on function freehold.erasure_task_done(bigint, text, jsonb, uuid) is
    'Says that a task is done, and in numbers what was erased: with the token of a claim, or without one by whoever did it by hand. '
    'Raises FH003 for other than whole numbers, FH123 for an unknown task, FH202 for one that was excluded, FH401 when it is claimed '
    'by another.';
