-- The item of a rollout that a lease is for, locked, with the rollout and the home, locked as well. Sets how long a step waits for a
-- lock. What was begun is ended in an aborted rollout too.
create or replace function freehold._lease_item(lease uuid, ending boolean default false) returns freehold._lease
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_lease freehold._lease;
    v_rollout freehold.rollout;
begin
    -- Not joined: of tables that are small yet the planner would read all rows.
    select t,
           (select r from freehold.rollout as r where r.id = t.rollout_id),
           (select h from freehold.tenant as h
            where t.wave > 0 and h.id = t.home_id and h.state in ('active', 'suspended', 'retired'))
    into v_lease
    from freehold.rollout_tenant as t
    where t.lease = _lease_item.lease
    for update;
    v_rollout := v_lease.rollout;
    if not found or v_rollout.state = 'aborted' and not ending then
        raise exception 'the lease is over'
            using errcode = 'FH216', detail = case when v_rollout.state = 'aborted' then format('Rollout %s was aborted.', v_rollout.id)
                                                   else 'Another worker may have the tenant by now.' end;
    end if;
    -- In expressions, which need no executor.
    if set_config('lock_timeout', (extract(epoch from v_rollout.lock_timeout) * 1000)::bigint::text, true) is not null then
        v_lease.home := case when (v_lease.item).wave = 0 then freehold._rollout_template((v_lease.item).home_id, locked => true)
                             when (v_lease.home).id is not null then freehold._home_lock((v_lease.home).slug) end;
    end if;
    if (v_lease.home).id is null then
        raise exception 'tenant "%" is gone', (v_lease.item).slug using errcode = 'FH101';
    end if;
    return v_lease;
end
$$;
