-- The event of an operation: when it ends, and of one in stages when it begins and whenever it goes on or stops. A state of a
-- rollout is told as that. Of the detail it tells numbers, names of the installation's own and digests: slugs and roles' names
-- apart nothing of a tenant's, as an event outlives it, and no error's text, which may quote rows.
-- Touches: event (one row), by a plain insert: a claim from the reserve waits for it.
create or replace function freehold._event_operation() returns trigger
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind text;
    v_actor text;
begin
    if tg_op = 'UPDATE' then
        v_actor := freehold.actor_current();
    end if;
    v_kind := case
        when new.kind = any ('{provision, clone, rename, suspend, resume, retire, reinstate, erase, export, restore}')
        then 'tenant_' || new.kind
        when new.kind = any ('{rollout_running, rollout_paused, rollout_halted, rollout_done, rollout_aborted}') then 'rollout'
        -- operation_failed() takes what clients say.
        when new.kind !~ '^[a-z][a-z_]{0,39}$' then 'operation'
        else new.kind end;
    insert into freehold.event (at, kind, tenant_id, slug, actor, reason, detail)
    values (
        coalesce(new.finished_at, freehold._now()),
        v_kind || '.' || case
            when v_kind = 'rollout' and new.kind <> 'rollout' then substr(new.kind, 9)
            when new.state <> 'running' or v_kind = 'rollout' then new.state
            when old.state <> 'running' then 'resumed'
            else 'begun' end,
        new.tenant_id, case when new.slug ~ '^[a-z0-9_-]+$' then new.slug end, coalesce(v_actor, new.actor), new.detail ->> 'reason',
        jsonb_strip_nulls(jsonb_build_object('operation', new.id, 'error', new.error_code)
            || (new.detail - array(select jsonb_object_keys(new.detail - '{
                access, acknowledged, applied, bytes, cell, changed, column, connection_limit, dropped, enabled,
                encrypted, entries, exclude, fingerprint, grace, inventory, login, mask, migrations, name, names,
                new, new_slug, old, older_than, partitions, plan, retention, role, rollout, rows, rule, schema,
                schema_name, sha256, source, source_id, statements, table, tables, template, tenant_reads, undoes,
                version, wave, width, with_data}'::text[])))));
    return new;
end
$$;
