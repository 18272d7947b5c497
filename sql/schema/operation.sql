create table if not exists freehold.operation (
    id bigint generated always as identity primary key,
    kind text not null,
    tenant_id uuid,
    slug text,
    actor text not null,
    state text not null default 'running' check (state in ('running', 'done', 'failed', 'undone')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    duration interval generated always as (finished_at - started_at) stored,
    detail jsonb not null default '{}',
    staged boolean not null default false,
    stepped_at timestamptz,
    error_code text,
    error_message text,
    check ((state = 'running') = (finished_at is null)),
    check ((state = 'failed') = (error_code is not null))
);
comment on table freehold.operation is 'The operation log: every lifecycle call with actor, time, duration, state and error.';
comment on column freehold.operation.slug is 'The slug at that time, or the template''s name for operations on a template.';
comment on column freehold.operation.error_code is 'SQLSTATE of the failure.';
create index if not exists operation_slug_idx on freehold.operation (slug, id);
create index if not exists operation_running_idx on freehold.operation (id) where state = 'running';
comment on column freehold.operation.staged is 'It commits by batch: a failed one goes on with operation_resume(), or is undone.';
comment on column freehold.operation.stepped_at is 'When its last batch was done.';

create table if not exists freehold.operation_script (
    operation_id bigint not null references freehold.operation on delete cascade,
    ordinal bigint not null,
    phase text not null,
    ddl text not null,
    primary key (operation_id, ordinal)
);
comment on table freehold.operation_script is 'The statements of a staged operation, from its first batch to its last.';
