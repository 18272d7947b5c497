-- The ledger's row of what this transaction did.
create or replace function freehold._ledger_write(
    home_id uuid, migration_id text, state text, source_digest text, text_digest text, started_at timestamptz, rollout_id bigint,
    rows bigint default null, login name default null
) returns freehold.tenant_migration
    language sql volatile security invoker
begin atomic
    insert into freehold.tenant_migration as m
        (home_id, migration_id, state, source_digest, text_digest, applied_at, applied_by, duration, rollout_id, backend_pid, login,
         rows)
    values
        (home_id, migration_id, state, source_digest, text_digest, freehold._now(), freehold.actor_current(),
         freehold._now() - started_at, rollout_id, case when login is not null then pg_backend_pid() end, login,
         rows)
    on conflict on constraint tenant_migration_pkey do update
    set state = excluded.state, source_digest = excluded.source_digest, text_digest = excluded.text_digest,
        applied_at = excluded.applied_at, applied_by = excluded.applied_by, rollout_id = excluded.rollout_id,
        duration = excluded.duration + case when m.state = 'applying' then coalesce(m.duration, '0') else '0' end,
        backend_pid = excluded.backend_pid, login = excluded.login,
        rows = case when m.state = 'applying' then coalesce(m.rows + excluded.rows, m.rows, excluded.rows) else excluded.rows end
    returning m.*;
end;
