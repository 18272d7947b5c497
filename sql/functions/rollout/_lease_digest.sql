-- The digest that a rollout was planned with for one of its migrations.
create or replace function freehold._lease_digest(rollout freehold.rollout, migration_id text) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_digest text;
begin
    select m.source_digest into v_digest
    from freehold.rollout_migration as m
    where m.rollout_id = rollout.id and m.migration_id = _lease_digest.migration_id;
    if not found then
        raise exception 'rollout % has no migration "%"', rollout.id, migration_id using errcode = 'FH108';
    end if;
    return v_digest;
end
$$;
