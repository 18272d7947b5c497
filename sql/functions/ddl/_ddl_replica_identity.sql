create or replace function freehold._ddl_replica_identity(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'post', 150, 'pg_class'::regclass::oid, r.relid, 'replica identity', r.name,
        format(
            'alter table only %s replica identity %s', r.name,
            case c.relreplident
                when 'n' then 'nothing'
                when 'f' then 'full'
                else format('using index %I', x.relname)
            end
        )
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    left join pg_index i on c.relreplident = 'i' and i.indrelid = c.oid and i.indisreplident
    left join pg_class x on x.oid = i.indexrelid
    where c.relkind in ('r', 'p', 'm')
      and (c.relreplident in ('n', 'f') or x.oid is not null);
end;

comment on function freehold._ddl_replica_identity(oid) is
'What logical replication is to identify rows by, where it is not the primary key.';
