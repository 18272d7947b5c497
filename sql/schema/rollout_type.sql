-- What the holder of a lease works on. Created once: functions are bound to it, so a change is a migration.
do $$
begin
    if to_regtype('freehold._lease') is null then
        create type freehold._lease as (
            item freehold.rollout_tenant,
            rollout freehold.rollout,
            home freehold.tenant
        );
        comment on type freehold._lease is 'A tenant of a rollout as one worker has it: its place in the rollout, the rollout, the tenant.';
    end if;
end
$$;
-- Of an earlier install: what these did, others do with fewer arguments.
drop function if exists freehold._rollout_home(freehold.rollout_tenant, boolean);
drop function if exists freehold._rollout_pending(freehold.rollout, freehold.tenant, text[]);
drop function if exists freehold._rollout_finish(freehold.rollout, freehold.rollout_tenant, freehold.tenant, text[]);
drop function if exists freehold._rollout_pending(freehold.rollout, freehold.tenant);
drop function if exists freehold._rollout_finish(freehold.rollout, freehold.rollout_tenant, freehold.tenant);
drop function if exists freehold._rollout_end(freehold.rollout_tenant, text, text, text, text, timestamptz);
drop function if exists freehold._lease_step(freehold.rollout, freehold.rollout_tenant, freehold.tenant, text);
drop function if exists freehold._ledger_digest(text[]);
drop function if exists freehold._ledger_applied(freehold.tenant);
drop function if exists freehold._ledger_write(uuid, text, text, text, text, timestamptz, bigint, bigint, name);
