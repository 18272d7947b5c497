-- security definer: the ledger is the owner's. Touches: tenant or template (row lock), tenant_migration.
create or replace function freehold.migration_mark(
    home text, migration_ids text[], source_digests text[] default null, applied boolean default true
) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_lock(home);
    v_marked integer := 0;
    v_each record;
begin
    if source_digests is not null and cardinality(source_digests) <> cardinality(migration_ids) then
        raise exception 'a digest belongs to each migration' using errcode = 'FH003';
    end if;
    for v_each in select u.id, u.digest from unnest(migration_ids, source_digests) as u (id, digest) loop
        if freehold._ledger_check(v_home, v_each.id, v_each.digest, case when applied then 'apply' else 'rollback' end) then
            perform freehold._ledger_write(v_home.id, v_each.id, case when applied then 'applied' else 'rolled back' end,
                                           v_each.digest, null, '0', null);
            v_marked := v_marked + 1;
        end if;
    end loop;
    perform freehold._operation_done('migration_mark', case when home not like '@%' then v_home.id end, v_home.slug, freehold._now(),
        jsonb_build_object('migrations', migration_ids, 'applied', applied));
    return v_marked;
end
$$;

comment on function freehold.migration_mark(text, text[], text[], boolean) is
    'Says in the ledger that migrations were applied to a tenant or template (its name after @), or that they were not, without running '
    'anything: for schemas that were migrated by other means. Returns how many rows that changed. Raises FH101, FH102, FH202, FH212.';
