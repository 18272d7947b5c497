-- security definer: the tables are the owner's. Touches: rollout (read).
create or replace function freehold.rollout_get(id bigint) returns freehold.rollout
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    select freehold._rollout_get(id)
$$;

comment on function freehold.rollout_get(bigint) is 'One rollout. Raises FH107 for an unknown id.';
