create table if not exists freehold.audit_log (
    home_id uuid primary key,
    made_at timestamptz not null,
    retention interval check (retention > interval '0'),
    tenant_reads boolean not null default false
);
comment on table freehold.audit_log is
    'The tenants and templates whose rows are audited: each has a log in schema freehold_audit, named after its id.';
comment on column freehold.audit_log.retention is 'How long entries are kept; null: for as long as the tenant is there.';
comment on column freehold.audit_log.tenant_reads is 'Whether the tenant''s own roles may read it: audit_open().';
