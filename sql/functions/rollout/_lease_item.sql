-- The item of a rollout that a lease is for, locked, with the rollout and the home, locked as well. Sets how long a step waits for a
-- lock. What was begun is ended in an aborted rollout too.
create or replace function freehold._lease_item(lease uuid, ending boolean default false) returns freehold._lease
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_item freehold.rollout_tenant;
    v_rollout freehold.rollout;
    v_home freehold.tenant;
begin
    -- Not joined: of tables that are small yet the planner would read all rows.
    select * into v_item from freehold.rollout_tenant as t where t.lease = _lease_item.lease for update;
    if found then
        select * into v_rollout from freehold.rollout as r where r.id = v_item.rollout_id;
    end if;
    if v_rollout.id is null or v_rollout.state = 'aborted' and not ending then
        raise exception 'the lease is over'
            using errcode = 'FH216', detail = case when v_rollout.state = 'aborted' then format('Rollout %s was aborted.', v_rollout.id)
                                                   else 'Another worker may have the tenant by now.' end;
    end if;
    -- In an expression, which needs no executor.
    if set_config('lock_timeout', (extract(epoch from v_rollout.lock_timeout) * 1000)::bigint::text, true) is null then
        return null;
    end if;
    if v_item.wave = 0 then
        v_home := freehold._rollout_template(v_item.home_id, locked => true);
    else
        select * into v_home from freehold.tenant as h
        where h.id = v_item.home_id and h.state in ('active', 'suspended', 'retired') for update skip locked;
        if not found then
            -- Somebody is at it, which is waited for, or it is gone.
            v_home := (select freehold._home_lock(h.slug) from freehold.tenant as h
                       where h.id = v_item.home_id and h.state in ('active', 'suspended', 'retired'));
        end if;
    end if;
    if v_home.id is null then
        raise exception 'tenant "%" is gone', v_item.slug using errcode = 'FH101';
    end if;
    return row(v_item, v_rollout, v_home);
end
$$;
