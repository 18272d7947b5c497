create table if not exists freehold.app_user (
    id uuid primary key default gen_random_uuid(),
    issuer text not null check (octet_length(issuer) between 1 and 500),
    subject text not null check (octet_length(subject) between 1 and 255),
    email text check (octet_length(email) between 3 and 320),
    display_name text check (octet_length(display_name) between 1 and 500),
    active boolean not null default true,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    unique (issuer, subject)
);
comment on table freehold.app_user is
    'The people who use the application, whichever tenants they are in. What is personal of them stands here and nowhere else of '
    'the control plane, but for open invitations.';
comment on column freehold.app_user.subject is 'Who it is: sub of the tokens of this issuer. The two together are the identity.';
comment on column freehold.app_user.email is 'To be written to. It identifies nobody and gives no right.';
comment on column freehold.app_user.active is 'Who is not is a member nowhere, whatever memberships are kept.';
create unique index if not exists app_user_email_key on freehold.app_user (lower(email)) where email is not null;

create table if not exists freehold.member_role (
    tenant_id uuid references freehold.tenant,
    name text not null check (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
    permissions text[] not null,
    changed_at timestamptz not null
);
comment on table freehold.member_role is
    'What members may do, by the name of their role. A tenant''s own definition of a name takes the place of the one for all tenants.';
comment on column freehold.member_role.tenant_id is 'Null: for all tenants that do not define the name themselves.';
comment on column freehold.member_role.permissions is 'Names resource:verb; * is every permission there is.';
create unique index if not exists member_role_key on freehold.member_role (tenant_id, name) where tenant_id is not null;
create unique index if not exists member_role_shared_key on freehold.member_role (name) where tenant_id is null;
-- For publications of all tables, as it has no key.
alter table freehold.member_role replica identity full;
-- At the first install only: what an operator has changed or dropped since stays so. The owner's is always there.
insert into freehold.member_role (tenant_id, name, permissions, changed_at)
select null, r.name, r.permissions, clock_timestamp()
from (values
    ('owner', array['*']),
    ('admin', array['tenant:read', 'tenant:write', 'member:read', 'member:write', 'invitation:read', 'invitation:write', 'role:read',
                    'role:write', 'audit:read', 'data:read', 'data:write']),
    ('member', array['tenant:read', 'member:read', 'data:read', 'data:write']),
    ('viewer', array['tenant:read', 'data:read'])
) as r (name, permissions)
where not exists (select from freehold.member_role);

create table if not exists freehold.membership (
    user_id uuid not null references freehold.app_user on delete cascade,
    tenant_id uuid not null references freehold.tenant,
    role_name text not null,
    active boolean not null default true,
    added_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (user_id, tenant_id)
);
comment on table freehold.membership is 'Who is a member of which tenant, and as what.';
comment on column freehold.membership.role_name is
    'A name of member_role. Where no definition of it is left, it permits nothing.';
create index if not exists membership_tenant_idx on freehold.membership (tenant_id, user_id);

create table if not exists freehold.invitation (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references freehold.tenant,
    email text check (octet_length(email) between 3 and 320),
    role_name text not null,
    token_sha256 bytea not null unique,
    invited_by uuid,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid,
    revoked_at timestamptz,
    check (accepted_at is null or revoked_at is null),
    check (email is null = (accepted_at is not null or revoked_at is not null))
);
comment on table freehold.invitation is 'Invitations into tenants. Of a token its hash alone is kept, of one that is over no e-mail.';
comment on column freehold.invitation.invited_by is
    'The member who invites: if he may not do so any more when it is accepted, it is no good. Null: an operator.';
create index if not exists invitation_tenant_idx on freehold.invitation (tenant_id, created_at);
create index if not exists invitation_email_idx on freehold.invitation (lower(email)) where email is not null;
