create table if not exists freehold.access_log (
    id bigint generated always as identity primary key,
    entry_id uuid not null default gen_random_uuid(),
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    tenant_id uuid not null,
    slug text not null,
    actor text not null,
    login name not null default session_user,
    purpose text,
    path text not null check (path in ('sql', 'cli', 'http', 'task')),
    access text not null check (access in ('write', 'read')),
    committed boolean,
    duration interval,
    application_name text default nullif(current_setting('application_name'), ''),
    client_address inet default inet_client_addr(),
    request_id text
);
comment on table freehold.access_log is 'Who was in which tenant: one row a transaction, where the setting access_log is on.';
comment on column freehold.access_log.at is 'When it began.';
comment on column freehold.access_log.login is 'The session''s login, which no client can choose; the rest is what the client said.';
comment on column freehold.access_log.path is
    'sql: a client of the database; cli: a command; http: a web request; task: background work that was handed over.';
comment on column freehold.access_log.committed is 'Null where a client entered by SQL: that is known before its end.';
comment on column freehold.access_log.duration is 'The same.';
create index if not exists access_log_tenant_idx on freehold.access_log (tenant_id, id);

alter table freehold.tenant add column if not exists audit_reads boolean not null default false;
comment on column freehold.tenant.audit_reads is 'Whether pgaudit logs what its runtime roles read: audit_reads().';
