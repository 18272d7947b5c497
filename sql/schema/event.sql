create table if not exists freehold.event (
    id bigint generated always as identity primary key,
    event_id uuid not null default gen_random_uuid(),
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    kind text not null check (kind ~ '^[a-z][a-z_.]{0,62}$'),
    tenant_id uuid,
    slug text,
    actor text not null,
    login name not null default session_user,
    reason text,
    detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object'),
    application_name text default nullif(current_setting('application_name'), ''),
    client_address inet default inet_client_addr(),
    request_id text default nullif(current_setting('freehold.request_id', true), '')
);
comment on table freehold.event is
    'The control plane''s audit: one row for each change of tenants, templates, access, limits, rollouts and settings, never changed '
    'and never deleted. No personal data: it outlives the tenants.';
comment on column freehold.event.event_id is 'Unique everywhere, for whoever receives an event twice; and the salt of its hash.';
comment on column freehold.event.xid is 'The transaction that wrote it: events are sealed and exported in the order of xid and id.';
comment on column freehold.event.kind is 'What happened: the operation''s name, tenant_erase for one, with a state after a point.';
comment on column freehold.event.slug is 'The slug at that time, or the template''s name.';
comment on column freehold.event.actor is 'Who acted: what the client said of itself, else the login.';
comment on column freehold.event.login is 'The session''s login, which no client can choose.';
comment on column freehold.event.request_id is 'The client''s setting freehold.request_id: the same in all that one request did.';
create index if not exists event_tenant_idx on freehold.event (tenant_id, id) where tenant_id is not null;
create index if not exists event_xid_idx on freehold.event (xid, id);
create index if not exists event_slug_idx on freehold.event (slug, id) where slug is not null;
