create table if not exists freehold.fleet_run (
    id bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    login name not null default session_user,
    query text not null
);
comment on table freehold.fleet_run is
    'Fleet queries that a client asks of tenant after tenant: fleet_begin() writes the row and its event, fleet_ask() reads it. Kept for a '
    'day.';
comment on column freehold.fleet_run.xid is 'The transaction that wrote it and its event: nothing is asked before that is committed.';
comment on column freehold.fleet_run.login is 'Who began it and alone may ask it.';

create table if not exists freehold.fleet_turn (
    xid xid8 primary key,
    role_name name not null
);
comment on table freehold.fleet_turn is
    'Whose reader a transaction acts as while a tenant is asked: seen by that transaction only, as it is always rolled back.';

create table if not exists freehold.rollup (
    name text primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
    query text not null check (query ~ '\S'),
    every interval not null check (every > interval '0'),
    template text,
    tier text,
    timeout interval not null,
    max_rows integer not null,
    reason text,
    created_by text not null,
    created_at timestamptz not null
);
comment on table freehold.rollup is 'Queries whose answers are kept, tenant by tenant: rollup_define().';
comment on column freehold.rollup.every is 'How old an answer may become.';
comment on column freehold.rollup.template is 'Of which template''s tenants; null for all.';
comment on column freehold.rollup.tier is 'Of which tier; null for all.';

create table if not exists freehold.rollup_tenant (
    rollup text not null references freehold.rollup on delete cascade,
    tenant_id uuid not null,
    due_at timestamptz not null,
    as_of timestamptz,
    rows jsonb not null default '[]' check (jsonb_typeof(rows) = 'array'),
    error_code text,
    error text,
    primary key (rollup, tenant_id)
);
comment on table freehold.rollup_tenant is 'The answer of one tenant to one rollup. It is the tenant''s data, and dies with it.';
comment on column freehold.rollup_tenant.as_of is 'When the rows were read; null until they have been.';
comment on column freehold.rollup_tenant.error_code is 'Why the last attempt failed; the rows are those of an earlier one.';
create index if not exists rollup_tenant_due_idx on freehold.rollup_tenant (due_at);
create index if not exists rollup_tenant_tenant_idx on freehold.rollup_tenant (tenant_id);
