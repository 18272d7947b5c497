-- security definer: the tables are made as the owner of the schema, which no caller can become. Touches: tenant or template (row
-- lock), tenant_migration (read), operation (one row).
create or replace function freehold.migration_export(home text) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_lock(home);
    v_rows text;
    v_count integer;
begin
    -- yoyo's own tables, as its version 9 makes them; an applied migration goes by the sha256 of its name.
    select string_agg(format('(%L, %L, %L::timestamp)', freehold._text_digest(l.migration_id), l.migration_id,
                             l.applied_at at time zone 'UTC'), ', ' order by l.ordinal), count(*)
    into v_rows, v_count
    from freehold._ledger(v_home.id, v_home.template, v_home.base_version) as l
    where l.state = 'applied';
    perform freehold._runner_run(v_home, concat('
        create table if not exists _yoyo_migration (
            migration_hash varchar(64) primary key, migration_id varchar(255), applied_at_utc timestamp);
        create table if not exists _yoyo_log (
            id varchar(36) primary key, migration_hash varchar(64), migration_id varchar(255), operation varchar(10),
            username varchar(255), hostname varchar(255), comment varchar(255), created_at_utc timestamp);
        create table if not exists _yoyo_version (version int primary key, installed_at_utc timestamp);
        create table if not exists yoyo_lock (locked int primary key default 1, ctime timestamp, pid int not null);
        insert into _yoyo_version values (2, now() at time zone ''UTC'') on conflict do nothing;
        delete from _yoyo_migration;',
        'insert into _yoyo_migration (migration_hash, migration_id, applied_at_utc) values ' || v_rows || ';', '
        insert into _yoyo_log (id, migration_hash, migration_id, operation, username, comment, created_at_utc)
        select gen_random_uuid()::text, m.migration_hash, m.migration_id, ''apply'', current_user, ''exported by freehold'',
               m.applied_at_utc
        from _yoyo_migration as m;'));
    perform freehold._operation_done('migration_export', case when home not like '@%' then v_home.id end, v_home.slug, freehold._now(),
                                     jsonb_build_object('migrations', v_count));
    return v_count;
end
$$;

comment on function freehold.migration_export(text) is
    'Writes the ledger of a tenant, or of a template''s own schema (its name after @), into yoyo''s four tables in that schema, so that '
    'the stock yoyo lists, applies and rolls back there. Returns how many migrations it has. What yoyo does from then on the ledger learns '
    'by migration_import(). Raises FH101, FH102, FH202, FH401.';
