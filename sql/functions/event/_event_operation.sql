-- The event of an operation: when it ends, and of one in stages when it begins and whenever it goes on or stops. A state of a
-- rollout is told as that. Its error's text may quote rows, and is left out. Touches: event (one row).
create or replace function freehold._event_operation() returns trigger
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind text := new.kind;
    v_state text := new.state;
begin
    if new.kind in ('provision', 'clone', 'rename', 'suspend', 'resume', 'retire', 'reinstate', 'erase') then
        v_kind := 'tenant_' || new.kind;
    elsif new.kind in ('rollout_running', 'rollout_paused', 'rollout_halted', 'rollout_done', 'rollout_aborted') then
        v_kind := 'rollout';
        v_state := substr(new.kind, 9);
    -- operation_failed() takes what clients say.
    elsif new.kind !~ '^[a-z][a-z_]{0,39}$' then
        v_kind := 'operation';
    end if;
    if new.state = 'running' then
        v_state := case when tg_op = 'UPDATE' and old.state <> 'running' then 'resumed' else 'begun' end;
    end if;
    perform freehold._event_record(
        v_kind || '.' || v_state, new.tenant_id, case when new.slug ~ '^[a-z0-9_-]+$' then new.slug end, new.detail ->> 'reason',
        freehold._event_detail(new.detail) || jsonb_build_object('operation', new.id, 'error', new.error_code));
    return null;
end
$$;
