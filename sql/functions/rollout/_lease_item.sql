-- The item of a rollout that a lease is for, locked, with the rollout. Sets how long a step waits for a lock. What was begun is
-- ended in an aborted rollout too.
create or replace function freehold._lease_item(lease uuid, ending boolean default false) returns freehold._lease
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_item freehold.rollout_tenant;
    v_rollout freehold.rollout;
    v_home freehold.tenant;
begin
    select * into v_item from freehold.rollout_tenant as t where t.lease = _lease_item.lease for update;
    if found then
        select * into v_rollout from freehold.rollout as r where r.id = v_item.rollout_id;
    end if;
    if v_item.home_id is null or v_rollout.state = 'aborted' and not ending then
        raise exception 'the lease is over'
            using errcode = 'FH216', detail = case when v_rollout.state = 'aborted' then format('Rollout %s was aborted.', v_rollout.id)
                                                   else 'Another worker may have the tenant by now.' end;
    end if;
    -- In an expression, which needs no executor.
    if set_config('lock_timeout', (extract(epoch from v_rollout.lock_timeout) * 1000)::bigint::text, true) is not null then
        v_home := freehold._rollout_home(v_item, locked => true);
    end if;
    if v_home.id is null then
        raise exception 'tenant "%" is gone', v_item.slug using errcode = 'FH101';
    end if;
    return row(v_item, v_rollout, v_home);
end
$$;
