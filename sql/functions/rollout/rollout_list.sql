-- security definer: the tables are the owner's. Touches: rollout, rollout_migration, rollout_tenant (read).
create or replace function freehold.rollout_list(template text default null, max_rows integer default 20)
    returns table (
        id bigint, template_name text, direction text, state text, reason text, wave integer, last_wave integer, migrations text[],
        tenants bigint, done bigint, failed bigint, created_at timestamptz, created_by text, started_at timestamptz,
        finished_at timestamptz, plan_digest text
    )
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    select r.id, r.template, r.direction, r.state, r.reason, r.wave, r.last_wave,
           array(select m.migration_id from freehold.rollout_migration as m where m.rollout_id = r.id order by m.ordinal),
           t.tenants, t.done, t.failed, r.created_at, r.created_by, r.started_at, r.finished_at, r.plan_digest
    from (select * from freehold.rollout as r
          where rollout_list.template is null or r.template = rollout_list.template
          order by r.id desc limit max_rows) as r
    cross join lateral (
        select count(*) as tenants, count(*) filter (where i.state in ('done', 'skipped')) as done,
               count(*) filter (where i.state = 'failed') as failed
        from freehold.rollout_tenant as i where i.rollout_id = r.id and i.wave > 0) as t
    order by r.id desc
$$;

comment on function freehold.rollout_list(text, integer) is 'The newest rollouts first, with their migrations and how far they are.';
