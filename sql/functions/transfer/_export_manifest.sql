-- What an export says of itself and of its tenant, before the rows.
create or replace function freehold._export_manifest(tenant freehold.tenant) returns jsonb
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'format', 1,
        'freehold', freehold.version(),
        'server', current_setting('server_version_num')::integer,
        'exported_at', freehold._now(),
        'tenant', jsonb_build_object(
            'id', tenant.id, 'slug', tenant.slug, 'state', tenant.state, 'display_name', tenant.display_name,
            'external_id', tenant.external_id, 'template', tenant.template, 'template_version', tenant.template_version,
            'base_version', tenant.base_version, 'settings', tenant.settings, 'limits', tenant.limits,
            'reader', tenant.ro_role is not null),
        'fingerprint', freehold._export_fingerprint(n.ns),
        'migrations', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'migration_id', l.migration_id, 'state', l.state, 'source_digest', l.source_digest, 'text_digest', l.text_digest,
                'applied_at', l.applied_at, 'applied_by', l.applied_by, 'duration', l.duration, 'rows', l.rows, 'inherited', l.inherited)
                order by l.ordinal), '[]')
            from freehold._ledger(tenant.id, tenant.template, tenant.base_version) as l),
        'masks', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'table_name', m.table_name, 'column_name', m.column_name, 'rule', m.rule, 'options', m.options)
                order by m.table_name, m.column_name), '[]')
            from freehold.mask_rule as m where m.home_id = tenant.id),
        'publications', (
            select coalesce(jsonb_agg(p.identity order by p.identity), '[]') from freehold._ddl_publication(n.ns) as p),
        'tables', (
            select coalesce(jsonb_agg(jsonb_build_object('name', t.name, 'columns', to_jsonb(t.columns))), '[]')
            from freehold._export_tables(n.ns) as t),
        'ddl', (
            select coalesce(jsonb_agg(jsonb_build_object('phase', d.phase, 'ddl', d.ddl) order by d.ordinal), '[]')
            from freehold._export_ddl(tenant) as d))
    from (select quote_ident(tenant.schema_name)::regnamespace) as n (ns)
$$;
