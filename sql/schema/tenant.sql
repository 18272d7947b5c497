create table if not exists freehold.tenant (
    id uuid primary key default gen_random_uuid(),
    slug text not null,
    schema_name name not null,
    owner_role name not null,
    rw_role name not null,
    ro_role name,
    state text not null default 'provisioning'
        check (state = any ('{provisioning, active, suspended, retired, erasing, erased}')),
    state_reason text,
    suspension text,
    template text,
    template_version integer,
    display_name text,
    external_id text,
    external_id_key text,
    settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    cell integer not null references freehold.cell,
    rw_login boolean not null default false,
    ro_login boolean not null default false check (ro_role is not null or not ro_login),
    tier text not null default 'schema' check (tier = any ('{pooled, schema, dedicated}')),
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    retired_at timestamptz,
    erase_after timestamptz,
    erased_at timestamptz,
    foreign key (template, template_version) references freehold.template_version,
    check (state = 'erased' or (template is not null and template_version is not null))
);
comment on table freehold.tenant is 'The registry: one row a tenant. An erased tenant leaves its id, slug and times, nothing else.';
comment on column freehold.tenant.slug is 'Public name, a DNS label of at most 40 bytes; free again once its tenant is erased.';
comment on column freehold.tenant.schema_name is
    'The tenant''s schema; by default the schema prefix and the slug, its hyphens as underscores.';
comment on column freehold.tenant.owner_role is 'Owns schema and objects. No login, and no members at rest.';
comment on column freehold.tenant.rw_role is 'The runtime role: reads and writes rows; owns nothing, creates nothing.';
comment on column freehold.tenant.state is 'provisioning -> active <-> suspended -> retired -> erasing -> erased';
comment on column freehold.tenant.suspension is
    'Of a tenant that was suspended when it was retired: why, or empty. tenant_reinstate() puts it back into that state.';
comment on column freehold.tenant.ro_role is 'The read-only runtime role; null until reader_create().';
comment on column freehold.tenant.rw_login is 'Whether the runtime role logs in itself (isolation level login): login_enable().';
comment on column freehold.tenant.ro_login is 'The same of the read-only one.';
comment on column freehold.tenant.external_id is 'The business''s own identifier, as given.';
comment on column freehold.tenant.external_id_key is 'The same in lower case without punctuation; unique.';
comment on column freehold.tenant.erase_after is 'A retired tenant may be erased from this moment on.';

create unique index if not exists tenant_slug_key on freehold.tenant (slug) where state <> 'erased';
create unique index if not exists tenant_schema_name_key on freehold.tenant (schema_name) where state <> 'erased';
create unique index if not exists tenant_external_id_key on freehold.tenant (external_id_key)
    where external_id_key is not null and state <> 'erased';
create index if not exists tenant_cell_idx on freehold.tenant (cell) where state <> 'erased';
-- Not the version: a tenant gets another one with each rollout, and no index is to be written for that.
drop index if exists freehold.tenant_template_idx;
create index if not exists tenant_of_template_idx on freehold.tenant (template);
