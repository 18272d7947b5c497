-- Ends a task, or an attempt at one. With the token of a claim only while that is the claim; without one only where nobody has a claim.
-- Touches: erasure_task (one row).
create or replace function freehold._erasure_task_end(
    operation_id bigint, eraser text, token uuid, state text, detail jsonb, reason text, until timestamptz, error_message text
) returns freehold.erasure_task
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_task freehold.erasure_task;
begin
    select t.* into v_task
    from freehold.erasure_task as t
    where t.operation_id = _erasure_task_end.operation_id and t.eraser = _erasure_task_end.eraser
    for update;
    if not found then
        raise exception 'operation % has no task %', coalesce(operation_id::text, 'null'), coalesce(quote_literal(eraser), 'null')
            using errcode = 'FH123', hint = 'select operation_id, task from freehold.erasure_task_list(); shows them.';
    end if;
    -- Said again by whoever did not hear the answer.
    if v_task.state = _erasure_task_end.state and v_task.state = 'done' then
        return v_task;
    end if;
    if v_task.state in ('done', 'excluded') then
        raise exception 'task "%" of operation % is %', eraser, operation_id, v_task.state
            using errcode = 'FH202', detail = format('Since %s, by %s.', v_task.changed_at, v_task.changed_by);
    end if;
    if v_task.lease is distinct from token and (token is not null or v_task.lease_until > v_now) then
        raise exception 'task "%" of operation % is not yours', eraser, operation_id
            using errcode = 'FH401', detail = format('It is %s%s.', v_task.state, ' by ' || v_task.worker),
                  hint = 'Claim it again when that lease is over.';
    end if;
    update freehold.erasure_task as t
    set state = _erasure_task_end.state, lease = null, lease_until = null, detail = coalesce(_erasure_task_end.detail, t.detail),
        reason = _erasure_task_end.reason, until = _erasure_task_end.until,
        error_message = left(_erasure_task_end.error_message, 2000), changed_at = v_now, changed_by = freehold.actor_current()
    where t.operation_id = v_task.operation_id and t.eraser = v_task.eraser
    returning t.* into v_task;
    perform freehold._event_record('erasure_task.' || v_task.state, v_task.tenant_id, o.slug, v_task.reason, jsonb_build_object(
        'operation', v_task.operation_id, 'eraser', v_task.eraser, 'detail', v_task.detail))
    from freehold.operation as o where o.id = v_task.operation_id;
    return v_task;
end
$$;
