-- security definer: only the cell can grant the owner's role. Touches: tenant or template (row lock), tenant_migration (one row).
create or replace function freehold.migration_begin(
    home text, migration_id text, source_digest text default null, text_digest text default null, direction text default 'apply',
    out begun boolean, out owner_role name, out schema_name name, out invalid text[]
)
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if direction not in ('apply', 'rollback') then
        raise exception 'direction is apply or rollback' using errcode = 'FH003';
    end if;
    select b.* into begun, owner_role, schema_name, invalid
    from freehold._migration_begin(freehold._home_lock(home), migration_id, source_digest, text_digest, direction) as b;
end
$$;

comment on function freehold.migration_begin(text, text, text, text, text) is
    'Begins a migration that no function can run (create index concurrently, steps in a program): until migration_end() this login may '
    'set the owner''s role. begun is false where it was done already. invalid names indexes that earlier tries left unfinished: drop '
    'those that are to be built. Code of the schema that runs outside a function could come back to this login: use one that has no '
    'more rights than it needs. Raises what migration_apply() does.';
