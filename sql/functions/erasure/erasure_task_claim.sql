-- security definer: the tables are the owner's. Touches: erasure_task (one row), tenant, legal_hold (read).
create or replace function freehold.erasure_task_claim(
    eraser text, worker text default null, lease interval default '10 minutes', tenant_id uuid default null
) returns table (operation_id bigint, tenant uuid, slug text, schema_name name, task text, token uuid, lease_until timestamptz,
                 attempts integer)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_task freehold.erasure_task;
begin
    if lease is null or lease not between interval '1 second' and interval '1 day' then
        raise exception 'a lease is between a second and a day' using errcode = 'FH003';
    end if;
    select t.* into v_task
    from freehold.erasure_task as t
    where t.eraser = erasure_task_claim.eraser and t.state in ('pending', 'failed', 'claimed')
        and (t.state <> 'claimed' or t.lease_until < v_now)
        and (erasure_task_claim.tenant_id is null or t.tenant_id = erasure_task_claim.tenant_id)
        and not exists (select from freehold._hold_standing(t.tenant_id))
    -- What failed comes last, or one that cannot be done would keep all others waiting.
    order by t.attempts, t.operation_id
    limit 1
    for update of t skip locked;
    if not found then
        return;
    end if;
    update freehold.erasure_task as t
    set state = 'claimed', lease = gen_random_uuid(), lease_until = v_now + erasure_task_claim.lease,
        worker = left(coalesce(erasure_task_claim.worker, freehold.actor_current()), 200), attempts = t.attempts + 1,
        error_message = null, changed_at = v_now, changed_by = freehold.actor_current()
    where t.operation_id = v_task.operation_id and t.eraser = v_task.eraser
    returning t.* into v_task;
    return query
        select v_task.operation_id, v_task.tenant_id, o.slug, t.schema_name, v_task.eraser, v_task.lease, v_task.lease_until,
               v_task.attempts
        from freehold.operation as o
        join freehold.tenant as t on t.id = o.tenant_id
        where o.id = v_task.operation_id;
end
$$;

comment on function freehold.erasure_task_claim(text, text, interval, uuid) is
    'Takes the next open task of an eraser for as long as the lease: no row when there is none. Then erase what the tenant has there '
    'and call erasure_task_done() or erasure_task_fail() with the token; after the lease somebody else may claim it, so that erasing '
    'must bear to be repeated. Tenants under legal hold are passed over. Raises FH003 for a lease out of range.';
