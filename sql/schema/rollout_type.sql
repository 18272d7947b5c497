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
