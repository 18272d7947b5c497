create or replace function freehold._ddl_sequence_value(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'data', 20, 'pg_class'::regclass::oid, r.relid, 'sequence value', r.name,
        format(
            'select pg_catalog.setval(%L, s.last_value, s.is_called) from %I.%s s', r.name, n.nspname, r.name
        )
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    join pg_namespace n on n.oid = c.relnamespace
    where r.relkind = 'S';
end;

comment on function freehold._ddl_sequence_value(oid) is
'One statement for each sequence, identity columns'' too: takes over where it stands.';
