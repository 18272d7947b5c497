-- The event of an operation: when it ends, and of one in stages when it begins and whenever it goes on or stops. A state of a
-- rollout is told as that. Of the detail it tells numbers, names of the installation's own and digests: slugs and roles' names
-- apart nothing of a tenant's, as an event outlives it, and no error's text, which may quote rows.
-- Touches: event (one row), by a plain insert: a claim from the reserve waits for it.
create or replace function freehold._event_operation() returns trigger
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_from constant jsonb := new.detail;
    v_detail constant jsonb := jsonb_strip_nulls(jsonb_build_object(
        'operation', new.id, 'error', new.error_code,
        'access', v_from -> 'access', 'acknowledged', v_from -> 'acknowledged', 'applied', v_from -> 'applied',
        'bytes', v_from -> 'bytes', 'cell', v_from -> 'cell', 'changed', v_from -> 'changed', 'column', v_from -> 'column',
        'connection_limit', v_from -> 'connection_limit', 'dropped', v_from -> 'dropped', 'enabled', v_from -> 'enabled',
        'encrypted', v_from -> 'encrypted', 'entries', v_from -> 'entries', 'exclude', v_from -> 'exclude',
        'fingerprint', v_from -> 'fingerprint',
        'grace', v_from -> 'grace', 'inventory', v_from -> 'inventory', 'login', v_from -> 'login', 'mask', v_from -> 'mask',
        'migrations', v_from -> 'migrations', 'name', v_from -> 'name', 'names', v_from -> 'names', 'new', v_from -> 'new',
        'new_slug', v_from -> 'new_slug', 'old', v_from -> 'old', 'older_than', v_from -> 'older_than',
        'partitions', v_from -> 'partitions', 'plan', v_from -> 'plan',
        'retention', v_from -> 'retention', 'role', v_from -> 'role', 'rollout', v_from -> 'rollout', 'rows', v_from -> 'rows',
        'rule', v_from -> 'rule', 'schema', v_from -> 'schema', 'schema_name', v_from -> 'schema_name', 'sha256', v_from -> 'sha256',
        'source', v_from -> 'source', 'source_id', v_from -> 'source_id', 'statements', v_from -> 'statements',
        'table', v_from -> 'table', 'tables', v_from -> 'tables', 'template', v_from -> 'template',
        'tenant_reads', v_from -> 'tenant_reads', 'undoes', v_from -> 'undoes', 'version', v_from -> 'version',
        'wave', v_from -> 'wave', 'width', v_from -> 'width', 'with_data', v_from -> 'with_data'));
    v_at timestamptz := new.finished_at;
    v_actor text := new.actor;
    v_slug text;
    v_kind text := new.kind;
    v_state text := new.state;
begin
    if v_kind in ('provision', 'clone', 'rename', 'suspend', 'resume', 'retire', 'reinstate', 'erase', 'export',
                  'restore') then
        v_kind := 'tenant_' || v_kind;
    elsif v_kind in ('rollout_running', 'rollout_paused', 'rollout_halted', 'rollout_done', 'rollout_aborted') then
        v_kind := 'rollout';
        v_state := substr(new.kind, 9);
    -- operation_failed() takes what clients say.
    elsif v_kind !~ '^[a-z][a-z_]{0,39}$' then
        v_kind := 'operation';
    end if;
    if v_state = 'running' and v_kind <> 'rollout' then
        v_state := case when tg_op = 'UPDATE' and old.state <> 'running' then 'resumed' else 'begun' end;
    end if;
    if v_at is null then
        v_at := freehold._now();
    end if;
    if tg_op = 'UPDATE' then
        v_actor := freehold.actor_current();
    end if;
    if new.slug ~ '^[a-z0-9_-]+$' then
        v_slug := new.slug;
    end if;
    insert into freehold.event (at, kind, tenant_id, slug, actor, reason, detail)
    values (v_at, v_kind || '.' || v_state, new.tenant_id, v_slug, v_actor, v_from ->> 'reason', v_detail);
    return null;
end
$$;
