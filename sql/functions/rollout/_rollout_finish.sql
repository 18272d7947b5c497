-- Ends a home's part in a rollout, nothing being left to be done: a template is frozen, so that tenants are born with it from
-- now on; a tenant follows to the template's version that has the same migrations. Done is when the last one was; null is now.
-- Touches: rollout, rollout_tenant, tenant (one row each); template and its versions.
create or replace function freehold._rollout_finish(rollout freehold.rollout, item freehold.rollout_tenant, home freehold.tenant,
                                                    done timestamptz default null)
    returns text
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_version integer;
begin
    if item.wave = 0 then
        v_version := (freehold.template_freeze(home.slug)).version;
        update freehold.rollout as r
        set version_after = v_version, ledger_after = freehold._ledger_digest(home)
        where r.id = rollout.id;
    elsif rollout.version_after <> home.template_version and rollout.ledger_after = freehold._ledger_digest(home) then
        update freehold.tenant as t set template_version = rollout.version_after where t.id = home.id;
    end if;
    return freehold._rollout_end(item, 'done', finished_at => done);
end
$$;
