-- Ends what _migration_begin() began, well or not: the login loses the owner's role.
-- Touches: tenant_migration (one row).
create or replace function freehold._migration_end(home freehold.tenant, migration_id text, direction text, done boolean, invalid text[])
    returns freehold.tenant_migration
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_row freehold.tenant_migration;
    v_left text[];
begin
    select * into v_row
    from freehold.tenant_migration as m
    where m.home_id = home.id and m.migration_id = _migration_end.migration_id and m.state = 'applying'
        and m.backend_pid = pg_backend_pid();
    if not found then
        raise exception 'this session has not begun migration "%" of "%"', migration_id, home.slug using errcode = 'FH216';
    end if;
    perform freehold._session_home(home, session_user, false);
    if not done then
        delete from freehold.tenant_migration as m where m.home_id = home.id and m.migration_id = v_row.migration_id;
        -- It came with the schema, and is to be taken back: so it is there still.
        if direction = 'rollback' then
            return freehold._ledger_write(home.id, v_row.migration_id, 'applied', v_row.source_digest, null,
                                          freehold._now() - v_row.applied_at, v_row.rollout_id);
        end if;
        if v_row.rollout_id is null then
            perform freehold._event_migration(home.id, migration_id, 'given_up', v_row.source_digest);
        end if;
        return null;
    end if;
    v_left := array(
        select u.name from unnest(freehold._index_invalid(quote_ident(home.schema_name)::regnamespace)) as u (name)
        where u.name <> all (coalesce(invalid, '{}')));
    if v_left <> '{}' then
        raise exception 'index "%" of "%" is not valid', v_left[1], home.slug
            using errcode = 'FH501', detail = 'CREATE INDEX CONCURRENTLY left it unfinished.',
                  hint = format('drop index concurrently %I.%I; and apply the migration again.', home.schema_name, v_left[1]);
    end if;
    perform freehold._reach_check(home.schema_name);
    return freehold._ledger_write(home.id, v_row.migration_id, case direction when 'apply' then 'applied' else 'rolled back' end,
        v_row.source_digest, v_row.text_digest, freehold._now() - v_row.applied_at, v_row.rollout_id);
end
$$;
