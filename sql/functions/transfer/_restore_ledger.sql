-- The migrations of a tenant that is being restored. What it was built with has to be what its version was built with here.
-- Touches: tenant_migration.
create or replace function freehold._restore_ledger(tenant freehold.tenant, manifest jsonb) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_other text;
begin
    insert into freehold.tenant_migration
        (home_id, migration_id, state, source_digest, text_digest, applied_at, applied_by, duration, rows)
    select tenant.id, m.migration_id, m.state, m.source_digest, m.text_digest, m.applied_at, m.applied_by, m.duration, m.rows
    from jsonb_to_recordset(manifest -> 'migrations') as m (
        migration_id text, state text, source_digest text, text_digest text, applied_at timestamptz, applied_by text, duration interval,
        rows bigint, inherited boolean)
    where not m.inherited;
    select string_agg(coalesce(l.migration_id, m.migration_id), ', ' order by coalesce(l.migration_id, m.migration_id)) into v_other
    from freehold._ledger(tenant.id, tenant.template, tenant.base_version) as l
    full join jsonb_to_recordset(manifest -> 'migrations') as m (migration_id text, state text, source_digest text)
        on m.migration_id = l.migration_id
    where (l.state, l.source_digest) is distinct from (m.state, m.source_digest);
    if v_other is not null then
        raise exception 'version % of template "%" is another one here', tenant.base_version, tenant.template
            using errcode = 'FH531', detail = format('Migrations that differ: %s.', v_other);
    end if;
end
$$;
