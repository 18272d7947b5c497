-- What was applied to whom, and the rollouts that do it. The ledger is one table of the control plane: it costs a tenant's schema
-- no relation, and the state of a fleet is one query. A tenant that was built from a frozen template inherits the migrations of
-- that version, so its birth writes no row.
alter table freehold.template add column if not exists id uuid not null default gen_random_uuid();
comment on column freehold.template.id is 'Names it where tenants and templates stand side by side: in the ledger of migrations.';
create unique index if not exists template_id_key on freehold.template (id);

alter table freehold.template_version add column if not exists migrations text[] not null default '{}';
alter table freehold.template_version add column if not exists migration_digests text[] not null default '{}';
comment on column freehold.template_version.migrations is 'Migrations that its schema had when it was frozen, in the order of application.';
comment on column freehold.template_version.migration_digests is 'sha256 (hex) of the file of each, null where nobody said.';

alter table freehold.tenant add column if not exists base_version integer;
comment on column freehold.tenant.base_version is 'The template version it was built from, whose migrations it has from birth.';
update freehold.tenant set base_version = template_version where base_version is null and state <> 'erased';

create table if not exists freehold.tenant_migration (
    home_id uuid not null,
    migration_id text not null,
    state text not null check (state = any ('{applying, applied, rolled back}')),
    source_digest text,
    text_digest text,
    applied_at timestamptz not null,
    applied_by text not null,
    duration interval,
    rollout_id bigint,
    backend_pid integer,
    login name,
    rows bigint,
    primary key (home_id, migration_id)
);
comment on table freehold.tenant_migration is
    'The ledger: what was applied to a tenant, or to a template''s own schema, beyond what it was built with. Written in the transaction '
    'of the migration itself.';
comment on column freehold.tenant_migration.home_id is 'The id of a tenant or of a template.';
comment on column freehold.tenant_migration.state is
    'applying: it takes more than one transaction and is not finished; rolled back overrides what a tenant was built with.';
comment on column freehold.tenant_migration.source_digest is 'sha256 (hex) of the migration''s file, before it was rendered.';
comment on column freehold.tenant_migration.text_digest is 'sha256 (hex) of the text that ran.';
comment on column freehold.tenant_migration.backend_pid is 'Of the session that is applying it.';
comment on column freehold.tenant_migration.login is 'Who holds the owner''s role until migration_end().';
comment on column freehold.tenant_migration.rows is 'Rows that a backfill has changed so far.';
create index if not exists tenant_migration_migration_idx on freehold.tenant_migration (migration_id, home_id);
create index if not exists tenant_migration_open_idx on freehold.tenant_migration (home_id) where state <> 'applied';
create index if not exists tenant_migration_login_idx on freehold.tenant_migration (login) where login is not null;

create table if not exists freehold.rollout (
    id bigint generated always as identity primary key,
    template text not null,
    direction text not null check (direction in ('apply', 'rollback')),
    state text not null default 'planned' check (state in ('planned', 'running', 'paused', 'halted', 'done', 'aborted')),
    reason text,
    plan_digest text not null,
    wave integer not null default 0,
    last_wave integer not null default 0,
    lock_timeout interval not null,
    statement_timeout interval not null,
    max_failures integer not null check (max_failures >= 0),
    max_failure_percent numeric not null check (max_failure_percent between 0 and 100),
    attempts integer not null check (attempts > 0),
    pause_after text not null check (pause_after in ('never', 'canary', 'wave')),
    acknowledged text[] not null default '{}',
    forgiven integer not null default 0,
    undoes bigint references freehold.rollout,
    version_before integer,
    version_after integer,
    ledger_after text,
    created_at timestamptz not null,
    created_by text not null,
    started_at timestamptz,
    finished_at timestamptz
);
comment on table freehold.rollout is
    'Migrations on their way over the tenants of a template, in waves. The ledger is the truth, this is the queue.';
comment on column freehold.rollout.state is
    'planned -> running <-> paused, halted (too many failures, or a fault of the server''s) -> done or aborted';
comment on column freehold.rollout.reason is 'Why it was paused, halted or aborted.';
comment on column freehold.rollout.plan_digest is 'sha256 (hex) over migrations, parameters and waves: what rollout_start() approves.';
comment on column freehold.rollout.wave is '0 is the template, 1 the canaries.';
comment on column freehold.rollout.forgiven is 'Failures of this wave that whoever resumed it has seen.';
comment on column freehold.rollout.undoes is 'The rollout that a rollback undoes.';
comment on column freehold.rollout.ledger_after is
    'Digest of the migrations of the template''s version after it: a tenant that has the same ones is at that version.';
create unique index if not exists rollout_open_key on freehold.rollout (template) where state in ('running', 'paused', 'halted');
-- As _ledger_digest() has it now: what an earlier release has written was a sha256.
update freehold.rollout as r
set ledger_after = hashtextextended(coalesce((select string_agg(m.id, ' ' order by m.id) from unnest(v.migrations) as m (id)), ''), 0)
from freehold.template_version as v
where v.template = r.template and v.version = r.version_after and length(r.ledger_after) = 64;

create table if not exists freehold.rollout_migration (
    rollout_id bigint not null references freehold.rollout on delete cascade,
    ordinal integer not null,
    migration_id text not null,
    source_digest text not null,
    contract text[] not null default '{}',
    primary key (rollout_id, ordinal),
    unique (rollout_id, migration_id)
);
comment on table freehold.rollout_migration is 'The migrations of a rollout, in the order in which it applies or rolls them back.';
comment on column freehold.rollout_migration.contract is 'Expand migrations that every tenant must have before it.';

create table if not exists freehold.rollout_tenant (
    rollout_id bigint not null references freehold.rollout on delete cascade,
    home_id uuid not null,
    slug text not null,
    wave integer not null,
    ordinal integer not null,
    state text not null default 'pending' check (state = any ('{pending, claimed, done, failed, skipped}')),
    attempts integer not null default 0,
    not_before timestamptz,
    worker text,
    backend_pid integer,
    lease uuid,
    lease_until timestamptz,
    migration_id text,
    error_code text,
    error_message text,
    started_at timestamptz,
    finished_at timestamptz,
    primary key (rollout_id, home_id)
) with (fillfactor = 70);
comment on table freehold.rollout_tenant is 'The tenants of a rollout, and its template''s own schema in wave 0.';
comment on column freehold.rollout_tenant.state is
    'pending -> claimed -> done; failed is quarantined until rollout_retry(); skipped was erased meanwhile, or had it all.';
comment on column freehold.rollout_tenant.not_before is 'A retry waits until then.';
comment on column freehold.rollout_tenant.migration_id is 'Where it failed.';
create index if not exists rollout_tenant_queue_idx on freehold.rollout_tenant (rollout_id, wave, state, ordinal);
-- Only of those that failed: an erased tenant's errors are taken out.
drop index if exists freehold.rollout_tenant_home_idx;
create index if not exists rollout_tenant_error_idx on freehold.rollout_tenant (home_id) where error_message is not null;
create unique index if not exists rollout_tenant_lease_key on freehold.rollout_tenant (lease) where lease is not null;

-- Cells make the runners, which are functions of the tenants' owners, in a schema that those may not use.
do $$
declare
    v_cell name;
begin
    for v_cell in select c.role_name from freehold.cell as c loop
        execute format('grant usage, create on schema freehold_runner to %I', v_cell);
    end loop;
end
$$;
