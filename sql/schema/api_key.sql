create table if not exists freehold.api_key (
    id bigint generated always as identity primary key,
    name text not null unique check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    roles text[] not null check (roles <@ array['admin', 'auditor', 'worker', 'break_glass', 'analyst']),
    bound boolean not null,
    created_at timestamptz not null,
    created_by text not null,
    expires_at timestamptz,
    rotated_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text,
    reason text,
    check ((revoked_at is null) = (revoked_by is null))
);
comment on table freehold.api_key is
    'Keys by which services and operators prove to the HTTP service who they are; kept for a while when they are over.';
comment on column freehold.api_key.name is 'Whom the audit trail names: the actor key:<name>.';
comment on column freehold.api_key.roles is 'Groups of the installation, without the prefix, that its holder may act as.';
comment on column freehold.api_key.bound is
    'Whether it is good for the tenants of api_key_tenant alone. When the last of them is erased, for none.';
comment on column freehold.api_key.last_used_at is 'Within a minute.';
comment on column freehold.api_key.reason is 'Why it was revoked.';

create table if not exists freehold.api_key_secret (
    token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
    key_id bigint not null references freehold.api_key on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz
);
comment on table freehold.api_key_secret is
    'The hashes of a key''s tokens: one, and after a rotation those before it until their overlap is over. No token is kept.';
create index if not exists api_key_secret_key_idx on freehold.api_key_secret (key_id);

create table if not exists freehold.api_key_tenant (
    key_id bigint not null references freehold.api_key on delete cascade,
    tenant_id uuid not null references freehold.tenant,
    primary key (key_id, tenant_id)
);
comment on table freehold.api_key_tenant is
    'Which tenants a key is bound to. By their ids: a tenant that is renamed stays, another that takes its slug is none.';
create index if not exists api_key_tenant_tenant_idx on freehold.api_key_tenant (tenant_id);
