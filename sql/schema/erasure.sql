create table if not exists freehold.legal_hold (
    id bigint generated always as identity primary key,
    tenant_id uuid not null,
    reason text not null check (btrim(reason) <> ''),
    until timestamptz,
    set_at timestamptz not null,
    set_by text not null,
    released_at timestamptz,
    released_by text,
    release_reason text,
    check ((released_at is null) = (release_reason is null))
);
comment on table freehold.legal_hold is
    'Reasons for which a tenant may not be erased for now. Kept when they are released, and when the tenant is erased.';
comment on column freehold.legal_hold.until is 'It ends by itself then; null: when it is released.';
create index if not exists legal_hold_tenant_idx on freehold.legal_hold (tenant_id, id);

create table if not exists freehold.eraser (
    name text primary key check (name ~ '^[a-z0-9]([-_.a-z0-9]{0,61}[a-z0-9])?$'),
    description text not null check (btrim(description) <> ''),
    registered_at timestamptz not null,
    registered_by text not null
);
comment on table freehold.eraser is
    'What holds data of tenants outside their schemas. Each erasure gets one task for each of these.';

create table if not exists freehold.erasure_task (
    operation_id bigint not null references freehold.operation,
    eraser text not null,
    tenant_id uuid not null,
    state text not null default 'pending' check (state in ('pending', 'claimed', 'done', 'failed', 'excluded')),
    attempts integer not null default 0,
    lease uuid,
    lease_until timestamptz,
    worker text,
    detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object'),
    reason text,
    until timestamptz,
    error_message text,
    changed_at timestamptz not null,
    changed_by text not null,
    primary key (operation_id, eraser),
    check ((state = 'claimed') = (lease is not null)),
    check (state <> 'excluded' or btrim(reason) <> '')
);
comment on table freehold.erasure_task is
    'What an erasure needs from outside the database, one row for each registered eraser. The certificate waits for all of them.';
comment on column freehold.erasure_task.state is
    'pending -> claimed -> done or failed; failed is claimed again; excluded stays where it is, lawfully: reason and until say why.';
comment on column freehold.erasure_task.detail is 'What was erased: numbers by kind, {"objects": 12}. No personal data.';
comment on column freehold.erasure_task.until is 'When what was excluded goes; null: nobody said.';
create index if not exists erasure_task_open_idx on freehold.erasure_task (tenant_id) where state in ('pending', 'claimed', 'failed');
create unique index if not exists erasure_task_lease_key on freehold.erasure_task (lease) where lease is not null;

create table if not exists freehold.erasure_certificate (
    tenant_id uuid not null,
    stage integer not null check (stage in (1, 2)),
    operation_id bigint not null references freehold.operation,
    content jsonb not null,
    digest text not null,
    issued_at timestamptz not null,
    issued_by text not null,
    primary key (tenant_id, stage)
);
comment on table freehold.erasure_certificate is
    'Certificates as they were issued: asked for again, they are the same to the letter. The signature is made outside the database.';
comment on column freehold.erasure_certificate.digest is 'sha256 (hex) of the content in its canonical form (RFC 8785).';
create index if not exists operation_error_idx on freehold.operation (tenant_id) where error_message is not null;
create index if not exists operation_staged_idx on freehold.operation (tenant_id) where staged;
create index if not exists operation_erase_idx on freehold.operation (id) where kind = 'erase';
-- Took fewer arguments once.
drop function if exists freehold._erase_residue(freehold.tenant, oid[]);
