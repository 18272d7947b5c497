-- The item of a rollout that a lease is for, locked, with the rollout. Sets how long a step waits for a lock. What was begun is
-- ended in an aborted rollout too.
create or replace function freehold._lease_item(
    lease uuid, ending boolean default false, out item freehold.rollout_tenant, out rollout freehold.rollout, out home freehold.tenant
)
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_timeout text;
begin
    select * into item from freehold.rollout_tenant as t where t.lease = _lease_item.lease for update;
    if found then
        select * into rollout from freehold.rollout as r where r.id = item.rollout_id;
    end if;
    if item.home_id is null or rollout.state = 'aborted' and not ending then
        raise exception 'the lease is over'
            using errcode = 'FH216', detail = case when rollout.state = 'aborted' then format('Rollout %s was aborted.', rollout.id)
                                                   else 'Another worker may have the tenant by now.' end;
    end if;
    v_timeout := set_config('lock_timeout', (extract(epoch from rollout.lock_timeout) * 1000)::bigint::text, true);
    home := freehold._rollout_home(item, locked => true);
    if home.id is null then
        raise exception 'tenant "%" is gone', item.slug using errcode = 'FH101';
    end if;
end
$$;
