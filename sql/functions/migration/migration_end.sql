-- security definer: only the cell can revoke the owner's role. Touches: tenant or template (row lock), tenant_migration (one row).
create or replace function freehold.migration_end(
    home text, migration_id text, done boolean default true, direction text default 'apply', invalid text[] default null
) returns freehold.tenant_migration
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return freehold._migration_end(freehold._home_lock(home), migration_id, direction, done, invalid);
end
$$;

comment on function freehold.migration_end(text, text, boolean, text, text[]) is
    'Ends what migration_begin() began in this session: done, or given up. invalid are the unfinished indexes that were there before and '
    'are none of its business. Raises FH216 where this session has begun nothing, FH501 for an index that is not valid.';
