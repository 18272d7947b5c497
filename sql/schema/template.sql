create table if not exists freehold.template (
    name text primary key,
    schema_name name not null unique,
    owner_role name not null unique,
    rw_role name not null unique,
    cell integer not null references freehold.cell,
    version integer,
    state text not null default 'ready' check (state in ('adopting', 'ready', 'dropping')),
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null
);
comment on table freehold.template is 'A blueprint for tenants: a real schema that migrations are applied to first.';
comment on column freehold.template.version is 'The version that new tenants are built from; null until template_freeze().';
comment on column freehold.template.state is
    'While it is being made or dropped in stages it is not ready: nothing is applied to it, frozen or built from it.';

create table if not exists freehold.template_version (
    template text not null references freehold.template (name) on delete cascade,
    version integer not null check (version > 0),
    fingerprint text not null,
    content_digest text not null,
    statements integer not null,
    locks bigint not null,
    frozen_at timestamptz not null default clock_timestamp(),
    frozen_by text not null,
    primary key (template, version),
    unique (template, content_digest)
);
comment on table freehold.template_version is
    'A frozen template. Content-addressed: freezing the same DDL and rows again gives the same version.';
comment on column freehold.template_version.fingerprint is
    'schema_fingerprint() of the template when it was frozen: its DDL, without rows.';
comment on column freehold.template_version.locks is 'Entries of the lock table that building it takes, about.';
comment on column freehold.template_version.content_digest is 'sha256 (hex) of DDL and seed rows.';

create table if not exists freehold.template_ddl (
    template text not null,
    version integer not null,
    ordinal integer not null,
    phase text not null check (phase in ('pre', 'data', 'post')),
    kind text not null,
    identity text not null,
    ddl text not null,
    primary key (template, version, ordinal),
    foreign key (template, version) references freehold.template_version on delete cascade
);
alter table freehold.template_ddl add column if not exists script text;
comment on table freehold.template_ddl is 'The statements of a frozen template, in the order of replay, with tokens for schema and roles.';
comment on column freehold.template_ddl.script is 'What is run in place of ddl where that is something else; empty for nothing.';

do $$
begin
    if not exists (select from pg_catalog.pg_constraint
                   where conrelid = 'freehold.template'::regclass and conname = 'template_version_fkey') then
        alter table freehold.template add constraint template_version_fkey
            foreign key (name, version) references freehold.template_version (template, version);
    end if;
end
$$;
