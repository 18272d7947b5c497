-- The event of a migration outside a rollout. Touches: event (one row), tenant, template (read).
create or replace function freehold._event_migration(home_id uuid, migration_id text, state text, source_digest text) returns void
    language sql volatile security invoker
begin atomic
    select freehold._event_record(
        'migration.' || _event_migration.state, t.id, coalesce(t.slug, m.name), null,
        jsonb_build_object('migration', _event_migration.migration_id, 'sha256', _event_migration.source_digest))
    from (values (1)) as one (row)
    left join freehold.tenant as t on t.id = home_id
    left join freehold.template as m on m.id = home_id;
end;
