create or replace function freehold._ddl_row_security(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'post', 185, 'pg_class'::regclass::oid, r.relid, 'row security', r.name,
        concat_ws(
            ', ', 'alter table ' || r.name || case when c.relrowsecurity then ' enable' else ' force' end
            || ' row level security',
            case when c.relrowsecurity and c.relforcerowsecurity then 'force row level security' end
        )
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    where c.relrowsecurity or c.relforcerowsecurity;
end;

comment on function freehold._ddl_row_security(oid) is
'Which tables of a schema enforce row security, and which of those bind their owner too.';
