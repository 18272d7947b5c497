-- The task erasure: one step of erasing a retired tenant whose grace is over, where the setting says so; first of one that it has begun.
-- One that fails keeps no other: the operation log has why, and it is tried again after a day. Touches: tenant (one row, locked),
-- operation, what the step does.
create or replace function freehold._task_erasure() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_reason constant text := 'its grace is over, and the setting erase_retired is on';
    v_now constant timestamptz := freehold._now();
    v_tenant freehold.tenant;
    v_operation bigint;
    v_code text;
    v_message text;
begin
    if freehold._setting_value('erase_retired') <> 'on' then
        return 0;
    end if;
    select o.id into v_operation
    from freehold.operation as o
    join freehold.tenant as t on t.id = o.tenant_id and t.state = 'erasing'
    where o.state = 'running' and o.kind = 'erase' and o.detail ->> 'reason' = c_reason
    order by o.id
    limit 1
    for update of t skip locked;
    if v_operation is null then
        select t.* into v_tenant
        from freehold.tenant as t
        where t.state = 'retired' and t.erase_after <= v_now and not exists (select from freehold._hold_standing(t.id))
            and not exists (
                select
                from freehold.operation as o
                where o.slug = t.slug and o.tenant_id = t.id and o.kind = 'erase' and o.state = 'failed'
                    and o.finished_at > v_now - interval '1 day')
        order by t.erase_after, t.id
        limit 1
        for update skip locked;
        if not found then
            return 0;
        end if;
    end if;
    begin
        if v_operation is not null then
            perform freehold.operation_step(v_operation);
        else
            perform freehold.tenant_erase_step(v_tenant.slug, c_reason);
        end if;
    exception
        when others then
            get stacked diagnostics v_code = returned_sqlstate, v_message = message_text;
            if v_operation is not null then
                perform freehold.operation_stop(v_operation, v_code, v_message);
            else
                perform freehold.operation_failed('erase', v_tenant.slug, v_code, v_message);
            end if;
    end;
    return 1;
end
$$;
