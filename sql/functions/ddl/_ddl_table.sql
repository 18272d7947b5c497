create or replace function freehold._ddl_table(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select 'pre', 50, 'pg_class'::regclass::oid, t.relid, 'table', t.name, concat(t.head, t.body, t.tail)
    from freehold._ddl_relation_text(ns, 'rp') t;
end;

comment on function freehold._ddl_table(oid) is
'The tables of a schema, partitioned ones and partitions included: columns, defaults, identities, checks, options.';
