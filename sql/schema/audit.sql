create table if not exists freehold.audit_log (
    home_id uuid primary key,
    made_at timestamptz not null,
    retention interval check (retention > interval '0'),
    tenant_reads boolean not null default false,
    tables jsonb not null default '{}',
    purged_until timestamptz
);
alter table freehold.audit_log add column if not exists partition_width interval;
alter table freehold.audit_log add column if not exists partitioned_until timestamptz;
comment on table freehold.audit_log is
    'The tenants and templates whose rows are audited: each has a log in schema freehold_audit, named after its id.';
comment on column freehold.audit_log.retention is 'How long entries are kept; null: for as long as the tenant is there.';
comment on column freehold.audit_log.tables is 'Since when each table is audited.';
comment on column freehold.audit_log.purged_until is 'What is older was deleted.';
comment on column freehold.audit_log.partition_width is 'The time that a partition of the log holds; null: it has none.';
comment on column freehold.audit_log.partitioned_until is 'Where the last partition ends.';
comment on column freehold.audit_log.tenant_reads is 'Whether the tenant''s own roles may read it: audit_open().';

do $$
begin
    if to_regtype('freehold.audit_entry') is null then
        create type freehold.audit_entry as (
            id bigint,
            entry_id uuid,
            xid xid8,
            at timestamptz,
            table_name text,
            action text,
            key jsonb,
            old jsonb,
            new jsonb,
            actor text,
            login text,
            application_name text,
            client_address inet,
            request_id text
        );
        comment on type freehold.audit_entry is 'One change of one row.';
    end if;
end
$$;
