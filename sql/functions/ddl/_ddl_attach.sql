create or replace function freehold._ddl_attach(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'pre', case r.relkind when 'f' then 61 else 52 end, 'pg_class'::regclass::oid, r.relid, 'partition', r.name,
        format(
            'alter table only %s attach partition %s %s',
            i.inhparent::regclass, r.name, pg_get_expr(c.relpartbound, c.oid)
        )
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    join pg_inherits i on i.inhrelid = r.relid
    where r.relispartition and not i.inhdetachpending
    union all
    select
        'pre', case r.relkind when 'f' then 61 else 52 end, 'pg_class'::regclass, r.relid, 'inheritance', r.name,
        format(
            'alter %s %s inherit %s', case r.relkind when 'f' then 'foreign table' else 'table' end, r.name,
            array_to_string(d.parents, ', inherit ')
        )
    from freehold._ddl_relation(ns) r
    join freehold._ddl_descent(ns) d on d.relid = r.relid
    where d.form = 'attach'
    union all
    select s.phase, s.rank, s.classid, s.objid, s.kind, s.identity, s.ddl
    from freehold._ddl_shape(ns) s;
end;

comment on function freehold._ddl_attach(oid) is
'Partitions attached to their parents, each created whole before so that it keeps its own column order; and what '
'inheritance needs beyond INHERITS.';
