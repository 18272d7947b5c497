-- security definer: the tables are the owner's. Touches: rollout, rollout_migration (read).
create or replace function freehold.rollout_migrations(id bigint)
    returns table (ordinal integer, migration_id text, source_digest text, contract text[])
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout constant freehold.rollout := freehold._rollout_get(rollout_migrations.id);
begin
    return query
        select m.ordinal, m.migration_id, m.source_digest, m.contract
        from freehold.rollout_migration as m where m.rollout_id = v_rollout.id order by m.ordinal;
end
$$;

comment on function freehold.rollout_migrations(bigint) is
    'The migrations of a rollout in its order, with the sha256 (hex) of their files. Raises FH107 for an unknown one.';
