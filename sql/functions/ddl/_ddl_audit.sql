-- In the place of its triggers, which are another role's function's, the call that makes them. Where the record is not whole the
-- statement says so: that is drift, and a copy gets the whole.
create or replace function freehold._ddl_audit(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'post'::text, 220, 'pg_class'::regclass::oid, t.relation, 'audit'::text, t.name,
        format(
            'select freehold.audit_enable(%L%s%s)%s', t.name,
            case when t.exclude <> '{}' then format(', exclude => %L', t.exclude) end,
            case when t.mask <> '{}' then format(', mask => %L', t.mask) end,
            case when t.fault is not null then format(' /* %s */', t.fault) end)
    from freehold._audit_table(ns) t;
end;

comment on function freehold._ddl_audit(oid) is 'Which tables of a schema are audited, and how.';
