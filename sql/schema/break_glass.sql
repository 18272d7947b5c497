create table if not exists freehold.break_glass (
    id bigint generated always as identity primary key,
    tenant_id uuid not null,
    slug text not null,
    person text not null,
    requested_by name not null,
    login name unique,
    reason text not null check (reason ~ '\S'),
    ticket text not null check (ticket ~ '\S'),
    access text not null check (access in ('read', 'write')),
    ttl interval not null check (ttl > interval '0'),
    state text not null default 'pending' check (state in ('pending', 'open', 'closed', 'expired', 'denied')),
    requested_at timestamptz not null,
    approved_by name check (approved_by <> requested_by),
    opened_at timestamptz,
    expires_at timestamptz not null,
    closed_at timestamptz,
    closed_by name,
    close_reason text,
    closed_xid xid8,
    removed_at timestamptz,
    failure text,
    check (state <> 'open' or (login is not null and opened_at is not null and removed_at is null)),
    check ((state in ('pending', 'open')) = (closed_at is null)),
    check ((closed_at is null) = (closed_xid is null))
);
comment on table freehold.break_glass is
    'Staff inside a tenant, and requests to be: one row each, kept when it is over. Its login exists from opened_at to removed_at.';
comment on column freehold.break_glass.slug is 'The slug at that time.';
comment on column freehold.break_glass.person is 'Who it is for: what the client said of itself (freehold.actor), else the login.';
comment on column freehold.break_glass.requested_by is 'The session''s login, which no client can choose. It alone gets the secret.';
comment on column freehold.break_glass.login is 'The role that was made for it; null until it is opened.';
comment on column freehold.break_glass.state is 'pending -> open -> closed or expired; pending -> denied, closed (withdrawn) or expired.';
comment on column freehold.break_glass.approved_by is 'The login that approved it; null where nobody had to.';
comment on column freehold.break_glass.expires_at is 'When the login ends, or a request that nobody has approved.';
comment on column freehold.break_glass.closed_by is 'The login that closed or denied it; null where it expired.';
comment on column freehold.break_glass.closed_xid is 'The transaction that took its rights: the role is dropped by a later one.';
comment on column freehold.break_glass.removed_at is 'When the role was dropped.';
comment on column freehold.break_glass.failure is 'Why the last attempt to end it failed.';
create index if not exists break_glass_tenant_idx on freehold.break_glass (tenant_id, id);
create index if not exists break_glass_live_idx on freehold.break_glass (id)
    where state in ('pending', 'open') or (login is not null and removed_at is null);
