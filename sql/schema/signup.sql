create table if not exists freehold.signup (
    id bigint generated always as identity primary key,
    slug text not null,
    claim text unique,
    template text not null,
    stage text not null default 'claimed' check (stage in ('claimed', 'provisioned', 'owned', 'seeded', 'ready')),
    state text not null default 'running' check (state in ('running', 'failed', 'ready', 'undoing', 'undone')),
    tenant_id uuid,
    user_id uuid,
    user_made boolean not null default false,
    requested_by text not null,
    idempotency_key text check (octet_length(idempotency_key) between 1 and 200),
    digest bytea not null,
    attempts integer not null default 0,
    due_at timestamptz,
    created_at timestamptz not null,
    stepped_at timestamptz not null,
    finished_at timestamptz,
    reason text,
    error_code text,
    error_message text,
    unique (requested_by, idempotency_key),
    check ((state = 'ready') = (stage = 'ready')),
    check ((state in ('ready', 'undone')) = (finished_at is not null)),
    check (state <> 'failed' or error_code is not null)
);
comment on table freehold.signup is
    'Sign-ups: who comes to a tenant of his own, stage by stage. A row is a sign-up, and stays. What is personal of it stands in '
    'signup_request, as long as it is needed.';
comment on column freehold.signup.claim is
    'The slug, until a tenant has it or the sign-up is undone: no other sign-up and no tenant gets it.';
comment on column freehold.signup.stage is 'The last stage that is done.';
comment on column freehold.signup.state is 'Those that run, and those that are being undone, signup_work() takes a step further.';
comment on column freehold.signup.user_made is 'The user was not known before, and goes when this is undone and no other tenant has it.';
comment on column freehold.signup.digest is 'Salted hash of what was asked for: the same key with anything else is refused.';
comment on column freehold.signup.attempts is 'How often the next stage has failed.';
comment on column freehold.signup.due_at is 'From when on signup_work() takes it. Null: it is over, or has failed too often.';
comment on column freehold.signup.error_code is 'SQLSTATE of the last failure of the next stage.';
create index if not exists signup_due_idx on freehold.signup (due_at) where due_at is not null;
create index if not exists signup_tenant_idx on freehold.signup (tenant_id) where tenant_id is not null;

create table if not exists freehold.signup_request (
    signup_id bigint primary key references freehold.signup on delete cascade,
    issuer text not null,
    subject text not null,
    email text,
    display_name text,
    external_id text,
    external_id_key text unique,
    settings jsonb not null,
    seed jsonb
);
comment on table freehold.signup_request is
    'What open sign-ups asked for. A row goes when its sign-up is ready or undone, when the tenant is erased or the person forgotten.';
create index if not exists signup_request_person_idx on freehold.signup_request (issuer, subject);

create table if not exists freehold.template_seed (
    template text primary key references freehold.template (name) on delete cascade,
    script text not null,
    changed_at timestamptz not null,
    changed_by text not null
);
comment on table freehold.template_seed is 'The script that a sign-up runs in its new tenant, as the owner, by template.';
