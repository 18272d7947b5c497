-- Ends a home's part in a rollout, nothing being left to be done: a template is frozen, so that tenants are born with it from
-- now on; a tenant follows to the template's version that has the same migrations.
-- Touches: rollout, rollout_tenant, tenant (one row each); template and its versions.
create or replace function freehold._rollout_finish(rollout freehold.rollout, item freehold.rollout_tenant, home freehold.tenant)
    returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_version integer;
    v_applied text[];
begin
    if item.wave = 0 then
        v_version := (freehold.template_freeze(home.slug)).version;
        update freehold.rollout as r set version_after = v_version where r.id = rollout.id;
    else
        v_applied := array(select l.migration_id from freehold._ledger(home.id, home.template, home.base_version) as l
                           where l.state = 'applied');
        update freehold.tenant as t
        set template_version = v.version
        from freehold.rollout as r
        join freehold.template_version as v on v.template = r.template and v.version = r.version_after
        where r.id = rollout.id and t.id = home.id and v.migrations <@ v_applied and v.migrations @> v_applied;
    end if;
    perform freehold._rollout_end(item, 'done');
end
$$;
