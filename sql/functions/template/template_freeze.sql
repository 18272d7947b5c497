-- security definer: reads the template's rows as its owner. Touches: template (row lock), template_version, template_ddl,
-- operation (one row).
create or replace function freehold.template_freeze(name text) returns freehold.template_version
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_template constant freehold.template := freehold._template_lock(template_freeze.name);
    v_schema constant regnamespace := quote_ident(v_template.schema_name)::regnamespace;
    v_operation bigint := freehold._operation_begin('template_freeze', null, template_freeze.name);
    v_seed jsonb;
    v_rows freehold.template_ddl[];
    v_digest text;
    v_migrations text[];
    v_digests text[];
    v_frozen freehold.template_version;
    v_version integer;
begin
    perform freehold._schema_check(v_schema);
    select coalesce(max(v.version), 0) + 1 into v_version
    from freehold.template_version as v where v.template = template_freeze.name;
    -- Everything comes from one deparse, which is most of the time this takes.
    select array_agg((template_freeze.name, v_version, d.ordinal, d.phase, d.kind, d.identity, d.ddl, null)::freehold.template_ddl
                     order by d.ordinal)
    into v_rows
    from freehold._ddl_normal(v_schema) as d;
    v_seed := freehold._template_seed(v_template, v_rows);
    select array_agg((r.template, r.version, r.ordinal, r.phase, r.kind, r.identity,
                      case r.phase when 'data' then v_seed ->> r.ordinal::text else r.ddl end, null)::freehold.template_ddl
                     order by r.ordinal)
    into v_rows
    from unnest(v_rows) as r
    where r.phase <> 'data' or v_seed ? r.ordinal::text;
    select array_agg(l.migration_id order by l.ordinal), array_agg(l.source_digest order by l.ordinal)
    into v_migrations, v_digests
    from freehold._ledger(v_template.id, null, null) as l
    where l.state = 'applied';
    -- A migration may leave no trace in the schema: then the version is another all the same.
    select freehold._text_digest(concat_ws(E';\n', string_agg(r.ddl, E';\n' order by r.ordinal),
                                           '-- migrations: ' || array_to_string(v_migrations, ' '))) into v_digest
    from unnest(v_rows) as r;

    select * into v_frozen
    from freehold.template_version as v
    where v.template = template_freeze.name and v.content_digest = v_digest;
    if not found then
        insert into freehold.template_version
            (template, version, fingerprint, content_digest, statements, locks, frozen_at, frozen_by, migrations, migration_digests)
        values
            (template_freeze.name, v_version, freehold._template_fingerprint(v_rows), v_digest,
             coalesce(cardinality(v_rows), 0), freehold._schema_locks(v_schema, making => true),
             freehold._now(), freehold.actor_current(), coalesce(v_migrations, '{}'), coalesce(v_digests, '{}'))
        returning * into v_frozen;
        insert into freehold.template_ddl
        select r.template, r.version, r.ordinal, r.phase, r.kind, r.identity, r.ddl, p.script
        from unnest(v_rows) as r
        left join freehold._ddl_default_privileges(v_rows) as p on p.ordinal = r.ordinal;
    end if;
    update freehold.template as t set version = v_frozen.version where t.name = template_freeze.name;
    perform freehold._operation_end(v_operation, jsonb_build_object(
        'version', v_frozen.version, 'fingerprint', v_frozen.fingerprint, 'statements', v_frozen.statements));
    return v_frozen;
end
$$;

comment on function freehold.template_freeze(text) is
    'Freezes a template: its DDL and seed rows become the version that new tenants are built from. The same content gives the '
    'same version again. Raises FH102 for an unknown template, FH006 naming what cannot be carried.';

-- What an earlier release froze, without scripts or with others.
with made as (
    select v.template, v.version, p.ordinal, p.script
    from freehold.template_version as v
    cross join lateral freehold._ddl_default_privileges(array(
        select r from freehold.template_ddl as r
        where r.template = v.template and r.version = v.version and r.phase <> 'data')) as p
), due as (
    select d.template, d.version, d.ordinal, m.script
    from freehold.template_ddl as d
    left join made as m using (template, version, ordinal)
    where d.script is distinct from m.script
)
update freehold.template_ddl as d
set script = due.script
from due
where (d.template, d.version, d.ordinal) = (due.template, due.version, due.ordinal);
