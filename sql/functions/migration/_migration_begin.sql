-- Begins a migration that this session does itself, as the owner: its login may set that role until _migration_end(). False where
-- it was done already. Invalid are the unfinished indexes of earlier tries.
-- Touches: tenant_migration (one row).
create or replace function freehold._migration_begin(
    home freehold.tenant, migration_id text, source_digest text, text_digest text, direction text, rollout_id bigint default null,
    out begun boolean, out owner_role name, out schema_name name, out invalid text[]
)
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_left name;
begin
    owner_role := home.owner_role;
    schema_name := home.schema_name;
    begun := freehold._ledger_check(home, migration_id, source_digest, direction);
    if begun then
        invalid := freehold._index_invalid(quote_ident(home.schema_name)::regnamespace);
        -- Of a session that was killed.
        select m.login into v_left
        from freehold.tenant_migration as m
        join pg_roles as r on r.rolname = m.login
        where m.home_id = home.id and m.migration_id = _migration_begin.migration_id and m.login <> session_user;
        if found then
            perform freehold._session_home(home, v_left, false);
        end if;
        perform freehold._session_home(home, session_user, true);
        perform freehold._ledger_write(home.id, migration_id, 'applying', source_digest, text_digest, '0', rollout_id,
                                       login => session_user);
    end if;
end
$$;
