create table if not exists freehold.operation (
    id bigint generated always as identity primary key,
    kind text not null,
    tenant_id uuid,
    slug text,
    actor text not null,
    state text not null default 'running' check (state in ('running', 'done', 'failed')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    duration interval generated always as (finished_at - started_at) stored,
    detail jsonb not null default '{}',
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
