-- security definer: the table is the owner's. Touches: erasure_task, event (one row each).
create or replace function freehold.erasure_task_exclude(
    operation_id bigint, eraser text, reason text, until timestamptz default null
) returns freehold.erasure_task
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'an exclusion needs a reason'
            using errcode = 'FH003', detail = 'The certificate names it: the law that wants the data kept, say.';
    end if;
    return freehold._erasure_task_end(operation_id, eraser, null, 'excluded', null, reason, until, null);
end
$$;

comment on function freehold.erasure_task_exclude(bigint, text, text, timestamptz) is
    'Leaves lawfully where it is what a task would erase: the certificate names it with the reason, and until when. Raises FH003 without '
    'a reason, FH123 for an unknown task, FH202 for one that is done, FH401 while somebody works on it.';
