create table if not exists freehold.tenant_key (
    tenant_id uuid not null references freehold.tenant,
    version integer not null check (version > 0),
    recipient text not null unique check (recipient ~ '^age1[a-z0-9]{20,200}$'),
    wrapped_key bytea check (octet_length(wrapped_key) between 16 and 65536),
    provider text not null check (provider ~ '^[a-z][a-z0-9_-]{0,30}$'),
    kek_id text not null check (kek_id <> '' and octet_length(kek_id) <= 400),
    created_at timestamptz not null,
    created_by text not null,
    rewrapped_at timestamptz,
    retired_at timestamptz,
    destroyed_at timestamptz,
    primary key (tenant_id, version),
    check ((destroyed_at is null) = (wrapped_key is not null)),
    check (destroyed_at is null or retired_at is not null)
);
comment on table freehold.tenant_key is
    'The keys by which exports of a tenant are encrypted: public half, and the private one wrapped by a key that a provider outside the '
    'database holds. They go with the tenant.';
comment on column freehold.tenant_key.recipient is 'The public half (X25519, as age writes it): enough to encrypt, not to decrypt.';
comment on column freehold.tenant_key.wrapped_key is 'The private half, encrypted by the key-encryption key; null once it is destroyed.';
comment on column freehold.tenant_key.provider is 'What sort of provider wrapped it: file, env, command or another one''s name.';
comment on column freehold.tenant_key.kek_id is 'What the provider calls the key-encryption key.';
comment on column freehold.tenant_key.retired_at is 'No new export is encrypted by it; old ones still open.';
comment on column freehold.tenant_key.destroyed_at is
    'The exports that were encrypted by it are unreadable, as far as the provider destroys.';
create unique index if not exists tenant_key_current_key on freehold.tenant_key (tenant_id) where retired_at is null;
