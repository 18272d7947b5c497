-- security definer: the tables are the owner's. Touches: rollout, rollout_tenant (read).
create or replace function freehold.rollout_tenants(
    id bigint, progress text default null, after text default null, max_rows integer default 1000
)
    returns table (
        slug text, wave integer, state text, attempts integer, not_before timestamptz, worker text, migration_id text, error_code text,
        error_message text, started_at timestamptz, finished_at timestamptz
    )
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout constant freehold.rollout := freehold._rollout_get(rollout_tenants.id);
begin
    perform freehold._word_check('progress', progress, 'freehold.rollout_tenant');
    return query
        select t.slug, t.wave, t.state, t.attempts, t.not_before, t.worker, t.migration_id, t.error_code, t.error_message, t.started_at,
               t.finished_at
        from freehold.rollout_tenant as t
        where t.rollout_id = v_rollout.id and (progress is null or t.state = progress)
            and (after is null or t.slug > after)
        order by t.slug
        limit max_rows;
end
$$;

comment on function freehold.rollout_tenants(bigint, text, text, integer) is
    'The tenants of a rollout by slug, in one state (pending, claimed, done, failed, skipped) or in any: wave, attempts, and what failed. '
    'The template''s name stands after @. Page on with after => the last slug seen. Raises FH107 for an unknown one, FH003 for another '
    'state.';
