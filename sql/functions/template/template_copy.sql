-- security definer: makes roles and a schema through a cell. Touches: template, operation (one row each),
-- tenant_migration, mask_rule, template_seed.
create or replace function freehold.template_copy(source text, name text) returns freehold.template
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_version constant integer := freehold._template_version(source);
    v_copy freehold.template;
    v_script record;
    v_operation bigint := freehold._operation_begin('template_copy', null, template_copy.name,
        jsonb_build_object('source', source, 'version', v_version));
begin
    perform freehold._lock_check(
        (select v.locks from freehold.template_version as v where v.template = source and v.version = v_version),
        format('copying template "%s"', source));
    v_copy := freehold._template_register(template_copy.name);
    select string_agg(s.ddl, E';\n' order by s.ordinal) filter (where s.phase <> 'audit') as build,
           string_agg(s.ddl, E';\n' order by s.ordinal) filter (where s.phase = 'audit') as audit
    into v_script
    from freehold._template_statements(source, v_version, v_copy.schema_name, v_copy.owner_role, v_copy.rw_role) as s;
    perform freehold._build_run(v_copy.cell, v_copy.schema_name, v_copy.owner_role, v_script.build, staged => null);
    perform freehold._group_join(v_copy.cell, v_copy.owner_role, v_copy.rw_role);
    if v_script.audit is not null then
        perform freehold._build_run(v_copy.cell, v_copy.schema_name, v_copy.owner_role, v_script.audit, staged => null);
    end if;
    perform freehold._publication_join(v_copy.cell, v_copy.schema_name, v_copy.owner_role,
                                       freehold._publication_list(source, v_version));
    insert into freehold.tenant_migration (home_id, migration_id, state, source_digest, applied_at, applied_by)
    select v_copy.id, u.id, 'applied', u.digest, v.frozen_at + u.ordinal * interval '1 microsecond', v.frozen_by
    from freehold.template_version as v
    cross join lateral unnest(v.migrations, v.migration_digests) with ordinality as u (id, digest, ordinal)
    where v.template = source and v.version = v_version;
    insert into freehold.mask_rule (home_id, table_name, column_name, rule, options, declared_at, declared_by)
    select v_copy.id, m.table_name, m.column_name, m.rule, m.options, m.declared_at, m.declared_by
    from freehold.mask_rule as m
    where m.home_id = (select t.id from freehold.template as t where t.name = source);
    insert into freehold.template_seed (template, script, changed_at, changed_by)
    select v_copy.name, s.script, s.changed_at, s.changed_by
    from freehold.template_seed as s
    where s.template = source;
    perform freehold._operation_end(v_operation);
    return v_copy;
end
$$;

comment on function freehold.template_copy(text, text) is
    'Makes a template from the frozen version of another, rows included: to try a migration on, or to branch off. Freeze it before '
    'tenants are made of it. Raises FH102 for an unknown source, FH208 for one that was never frozen, FH003 for a bad name, FH204 for '
    'one that exists, FH402 for a source that is too large for one transaction.';
