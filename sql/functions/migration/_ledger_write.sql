-- The ledger's row of what this transaction did; outside a rollout, which has events of its own, with the event of it.
create or replace function freehold._ledger_write(
    home_id uuid, migration_id text, state text, source_digest text, text_digest text, duration interval, rollout_id bigint,
    rows bigint default null, login name default null
) returns freehold.tenant_migration
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_row freehold.tenant_migration;
begin
    insert into freehold.tenant_migration as m
        (home_id, migration_id, state, source_digest, text_digest, applied_at, applied_by, duration, rollout_id, backend_pid, login,
         rows)
    values
        (_ledger_write.home_id, _ledger_write.migration_id, _ledger_write.state, _ledger_write.source_digest, _ledger_write.text_digest,
         freehold._now(), freehold.actor_current(), _ledger_write.duration, _ledger_write.rollout_id,
         case when _ledger_write.login is not null then pg_backend_pid() end, _ledger_write.login, _ledger_write.rows)
    on conflict on constraint tenant_migration_pkey do update
    set state = excluded.state, source_digest = excluded.source_digest, text_digest = excluded.text_digest,
        applied_at = excluded.applied_at, applied_by = excluded.applied_by, rollout_id = excluded.rollout_id,
        duration = excluded.duration + case when m.state = 'applying' then coalesce(m.duration, '0') else '0' end,
        backend_pid = excluded.backend_pid, login = excluded.login,
        rows = case when m.state = 'applying' then coalesce(m.rows + excluded.rows, m.rows, excluded.rows) else excluded.rows end
    returning m.* into v_row;
    if v_row.rollout_id is null and (v_row.state <> 'applying' or v_row.login is not null) then
        perform freehold._event_migration(home_id, migration_id, case v_row.state
            when 'applying' then 'begun' when 'rolled back' then 'rolled_back' else v_row.state end, source_digest);
    end if;
    return v_row;
end
$$;
