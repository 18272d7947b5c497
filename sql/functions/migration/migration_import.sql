-- security definer: the tables are read as the owner of the schema, which no caller can become. Touches: tenant or template (row
-- lock), tenant_migration, operation (one row).
create or replace function freehold.migration_import(home text) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_lock(home);
    v_found jsonb;
    v_each record;
    v_count integer := 0;
begin
    v_found := freehold._owner_run(v_home.cell, v_home.schema_name, v_home.owner_role, 'select',
        'select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(''id'', m.migration_id, ''at'', m.applied_at_utc))::text
         from _yoyo_migration as m')::jsonb;
    for v_each in
        select coalesce(y.id, l.migration_id) as id, y.id is not null as applied, y.at
        from (select e ->> 'id' as id, (e ->> 'at')::timestamp at time zone 'UTC' as at
              from jsonb_array_elements(coalesce(v_found, '[]')) as e) as y
        full join (select i.migration_id from freehold._ledger(v_home.id, v_home.template, v_home.base_version) as i
                   where i.state = 'applied') as l on l.migration_id = y.id
        where y.id is null or l.migration_id is null
        order by y.at, 1
    loop
        if v_each.id is null or v_each.id !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,190}$' then
            raise exception '% is no name of a migration', coalesce(quote_literal(v_each.id), 'null') using errcode = 'FH003';
        end if;
        perform freehold._ledger_write(v_home.id, v_each.id, case when v_each.applied then 'applied' else 'rolled back' end, null, null,
                                       '0', null);
        update freehold.tenant_migration as m set applied_at = coalesce(v_each.at, m.applied_at)
        where m.home_id = v_home.id and m.migration_id = v_each.id;
        v_count := v_count + 1;
    end loop;
    perform freehold._operation_done('migration_import', case when home not like '@%' then v_home.id end, v_home.slug, freehold._now(),
                                     jsonb_build_object('changed', v_count));
    return v_count;
exception
    when undefined_table then
        raise exception 'schema "%" has no tables of yoyo''s', v_home.schema_name using errcode = 'FH106',
            hint = format('select freehold.migration_mark(%L, ''...''); says what was applied by other means.', home);
end
$$;

comment on function freehold.migration_import(text) is
    'Reads yoyo''s table in the schema of a tenant, or of a template (its name after @), into the ledger: for schemas that yoyo has '
    'migrated. Returns how many rows of the ledger that changed. Raises FH106 where there is no such table, and FH101, FH102, FH202, '
    'FH401.';
