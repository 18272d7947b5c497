create table if not exists freehold.reserve (
    id bigint generated always as identity primary key,
    template text not null,
    version integer not null,
    cell integer not null references freehold.cell,
    schema_name name not null unique,
    owner_role name not null unique,
    rw_role name not null unique,
    claim text,
    publications text[],
    made_at timestamptz not null default clock_timestamp(),
    tenant_id uuid not null default gen_random_uuid(),
    operation_id bigint,
    foreign key (template, version) references freehold.template_version
);
-- A reserve of an earlier install has no ids yet, and all of it is finished.
alter table freehold.reserve add column if not exists tenant_id uuid not null default gen_random_uuid();
alter table freehold.reserve add column if not exists operation_id bigint;
comment on table freehold.reserve is
    'Ready-made schemas, one a row, that tenant_provision() claims by rename. A row whose version is not the template''s current '
    'one is never handed out, nor one with an operation.';
comment on column freehold.reserve.tenant_id is
    'The id of the tenant that claims it: what goes by that can be made when it is filled.';
comment on column freehold.reserve.claim is
    'The statements, for its cell, that make it a tenant''s; a token stands for the name of that schema.';
comment on column freehold.reserve.publications is 'The statements that put its tables into publications, once it is claimed.';
comment on column freehold.reserve.operation_id is
    'The operation that makes or drops it, until that has ended: reserve_make, reserve_drop. One of a template at a time.';
create unique index if not exists reserve_operation_idx on freehold.reserve (template) where operation_id is not null;
create index if not exists reserve_template_idx on freehold.reserve (template, version, id);
create index if not exists reserve_cell_idx on freehold.reserve (cell);

-- As the reserve was taken from and filled by earlier releases.
drop function if exists freehold._reserve_take(text, integer);
drop function if exists freehold._reserve_make(text, integer);
