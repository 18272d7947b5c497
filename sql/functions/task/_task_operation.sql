-- The task operation: one step of an operation in stages whose client has gone. Who is at work on one holds the row of its tenant or
-- template, or has stepped it a moment ago: that one is left to him, also where the keeper had gone on with it before. An error ends
-- in the operation's row, as with any client, and what has failed is left alone.
-- Touches: operation (one row), tenant or template (one row, locked), task (its own row).
create or replace function freehold._task_operation() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_lease constant interval := freehold._setting_value('operation_lease')::interval;
    v_mine constant text := (select t.resume from freehold.task as t where t.name = 'operation');
    v_operation freehold.operation;
    v_code text;
    v_message text;
begin
    for v_operation in
        select o.*
        from freehold.operation as o
        where o.state = 'running' and o.staged
            and (coalesce(o.stepped_at, o.started_at) < freehold._now() - v_lease
                 or concat_ws(' ', o.id, freehold._utc(o.stepped_at)) = v_mine)
        order by o.id
    loop
        if v_operation.kind ~ '^(template|reserve)_' then
            perform from freehold.template as t where t.name = v_operation.slug for update skip locked;
        else
            perform from freehold.tenant as t where t.id = v_operation.tenant_id for update skip locked;
        end if;
        continue when not found;
        -- A client may just have come to the end of a step: the lock of its row is given back at once, as it is about to come again.
        if not exists (
            select
            from freehold.operation as o
            where o.id = v_operation.id and o.state = 'running' and o.stepped_at is not distinct from v_operation.stepped_at)
        then
            return 1;
        end if;
        begin
            perform freehold.operation_step(v_operation.id);
        exception
            when others then
                get stacked diagnostics v_code = returned_sqlstate, v_message = message_text;
                perform freehold.operation_stop(v_operation.id, v_code, v_message);
        end;
        update freehold.task as t
        set resume = (select concat_ws(' ', o.id, freehold._utc(o.stepped_at)) from freehold.operation as o where o.id = v_operation.id)
        where t.name = 'operation';
        return 1;
    end loop;
    return 0;
end
$$;
