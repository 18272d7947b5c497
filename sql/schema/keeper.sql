-- What is done in the background, and who does it: one keeper at a time, the one whose lease has not ended.
create table if not exists freehold.keeper (
    id boolean primary key default true check (id),
    holder text check (holder ~ '\S' and octet_length(holder) <= 200),
    led_since timestamptz,
    seen_at timestamptz,
    expires_at timestamptz,
    check ((holder is null) = (expires_at is null))
);
comment on table freehold.keeper is 'The one keeper that leads: a single row.';
comment on column freehold.keeper.holder is 'Who leads, or led last and did not say that it ends; null: nobody.';
comment on column freehold.keeper.seen_at is 'When one took or renewed the lease; null: none ever led.';
comment on column freehold.keeper.expires_at is 'Whoever asks from then on takes over.';
insert into freehold.keeper default values on conflict do nothing;

create table if not exists freehold.task (
    name text primary key check (name ~ '^[a-z][a-z_]{0,40}$'),
    description text not null,
    routine name not null,
    channel name,
    every interval not null check (every > interval '0'),
    enabled boolean not null default true,
    next_due_at timestamptz,
    last_started_at timestamptz,
    last_finished_at timestamptz,
    last_result integer,
    last_error_code text,
    last_error text,
    failures integer not null default 0,
    turn integer not null default 0,
    resume text
);
comment on table freehold.task is
    'What the keeper does, a row each: when it is due, and how the last run ended. A task is a function of schema freehold without '
    'required arguments that returns how much it did in its transaction; it is called again at once while that is more than 0.';
comment on column freehold.task.channel is 'A NOTIFY there makes it due at once.';
comment on column freehold.task.every is 'How long after a run that found nothing to do it is due again.';
comment on column freehold.task.next_due_at is 'Null: at once. One that failed is put off, each time for longer.';
comment on column freehold.task.last_result is 'How much the last run did; null where it failed.';
comment on column freehold.task.last_error_code is 'SQLSTATE of the last run; null where it did not fail.';
comment on column freehold.task.failures is 'How many runs have failed since the last that did not.';
comment on column freehold.task.turn is 'How many runs in succession found something to do: after a thousand it waits as well.';
comment on column freehold.task.resume is 'Where the task goes on; its own note.';

-- What an operator has set is kept; what a task is comes with the version.
insert into freehold.task (name, routine, every, channel, description)
values
    ('reserve', '_task_reserve', interval '5 seconds', 'freehold_tenant', 'Fills the reserve as reserve_set() says.'),
    ('signup', 'signup_work', interval '15 seconds', 'freehold_signup', 'Takes sign-ups from stage to stage.'),
    ('operation', '_task_operation', interval '15 seconds', null,
     'Goes on with operations in stages that no client has stepped for as long as the setting operation_lease says.'),
    ('break_glass', '_task_break_glass', interval '30 seconds', 'freehold_break_glass', 'Ends break-glass logins that are overdue.'),
    ('seal', '_task_seal', interval '1 minute', null, 'Seals what was written to the audit.'),
    ('rollup', 'rollup_refresh', interval '1 minute', null, 'Asks the tenants what rollups are due for.'),
    ('statistics', '_task_statistics', interval '5 minutes', null, 'Measures the installation: statistic_list().'),
    ('erasure', '_task_erasure', interval '10 minutes', null,
     'Erases retired tenants whose grace is over, where the setting erase_retired is on.'),
    ('tenant_size', '_task_tenant_size', interval '1 hour', null, 'Measures each tenant once a day: tenant_size_list().'),
    ('access_log', '_task_access_log', interval '1 hour', null,
     'Deletes from the access log what is older than the setting access_keep.'),
    ('audit', '_task_audit', interval '1 hour', null, 'Deletes entries of row audit that are older than audit_retention_set() said.'),
    ('audit_partition', 'audit_partition_make', interval '6 hours', null, 'Makes ahead the partitions of logs that have some.'),
    ('request', '_task_request', interval '1 hour', null, 'Forgets answers to requests with a key of their own after a day.'),
    ('api_key', 'api_key_purge', interval '1 hour', null, 'Forgets API keys that are long over.'),
    ('invitation', '_task_invitation', interval '1 hour', null, 'Forgets the e-mails of invitations that have expired.')
on conflict (name) do update
set routine = excluded.routine, channel = excluded.channel, description = excluded.description
where (task.routine, task.channel, task.description) is distinct from (excluded.routine, excluded.channel, excluded.description);

insert into freehold.setting (name, value, fixed, description)
values
    ('operation_lease', '1 minute', false,
     'An operation in stages that runs, and that no client has stepped for so long, is the keeper''s to go on with.'),
    ('erase_retired', 'off', false, 'on: the keeper erases retired tenants whose grace period is over. off: an operator does.'),
    ('access_keep', 'forever', false, 'How long the keeper leaves rows in the access log: 90 days, or forever.'),
    ('statistic_keep', '400 days', false, 'How long the keeper leaves statistics and sizes of tenants: an interval, or forever.')
on conflict (name) do nothing;

alter table freehold.template add column if not exists reserve_size integer check (reserve_size between 0 and 10000);
comment on column freehold.template.reserve_size is 'How many ready-made schemas the keeper has ready: reserve_set(). Null: it does not.';
create index if not exists tenant_retired_idx on freehold.tenant (erase_after) where state = 'retired';
create index if not exists invitation_expiry_idx on freehold.invitation (expires_at) where email is not null;

-- Its result gained a column, and cannot be replaced then.
do $$
begin
    if not exists (select from pg_proc as p
                   where p.oid = to_regprocedure('freehold.reserve_status()') and 'unfinished' = any (p.proargnames))
    then
        drop function if exists freehold.reserve_status();
    end if;
end
$$;

create table if not exists freehold.statistic (
    at timestamptz primary key,
    tenants jsonb not null,
    catalog_relations bigint,
    catalog_columns bigint,
    catalog_dependencies bigint,
    catalog_bytes bigint not null,
    database_bytes bigint,
    connections integer not null,
    max_connections integer not null,
    locks bigint not null,
    lock_capacity bigint not null,
    oldest_xids bigint not null,
    oldest_transaction interval,
    reserve jsonb not null
);
comment on table freehold.statistic is 'The installation over time: a row each time that the keeper measured it.';
comment on column freehold.statistic.tenants is 'How many tenants are in each state.';
comment on column freehold.statistic.catalog_relations is
    'Rows of pg_class, as the last vacuum or analyze estimated them; likewise pg_attribute and pg_depend.';
comment on column freehold.statistic.catalog_bytes is 'What these three take, with their indexes.';
comment on column freehold.statistic.database_bytes is 'Measured once an hour, as each file is looked at; null otherwise.';
comment on column freehold.statistic.connections is 'Of the whole server, as max_connections.';
comment on column freehold.statistic.lock_capacity is 'Entries that the lock table has; locks: those in use.';
comment on column freehold.statistic.oldest_xids is 'How many transactions have begun since the oldest that is open: vacuum waits for it.';
comment on column freehold.statistic.oldest_transaction is
    'How long the oldest one is open; null unless the owner role is a member of pg_read_all_stats.';
comment on column freehold.statistic.reserve is 'How many ready-made schemas each template has.';

create table if not exists freehold.tenant_size (
    tenant_id uuid not null,
    at timestamptz not null,
    bytes bigint not null,
    relations integer not null,
    primary key (tenant_id, at)
);
comment on table freehold.tenant_size is 'What each tenant''s schema takes, over time; it goes when the tenant is erased.';
comment on column freehold.tenant_size.relations is 'Tables, materialized views and sequences; indexes are counted in bytes only.';
create index if not exists tenant_size_at_idx on freehold.tenant_size (at);
