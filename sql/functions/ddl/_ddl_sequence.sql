create or replace function freehold._ddl_sequence(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'pre', 40, 'pg_class'::regclass::oid, r.relid, 'sequence', r.name,
        concat(
            'create ', case r.relpersistence when 'u' then 'unlogged ' end,
            'sequence ', r.name, ' as ', format_type(s.seqtypid, null),
            freehold._ddl_sequence_options(
                s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle
            )
        )
    from freehold._ddl_relation(ns) r
    join pg_sequence s on s.seqrelid = r.relid
    -- an identity column makes its own
    where not exists (
        select
        from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = r.relid
          and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
    )
    union all
    select
        'post', 130, 'pg_class'::regclass, r.relid, 'sequence owner', r.name,
        format('alter sequence %s owned by %s.%I', r.name, d.refobjid::regclass, a.attname)
    from freehold._ddl_relation(ns) r
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.relid
    join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where r.relkind = 'S' and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype = 'a'
    union all
    -- the sequence of an identity column is made as persistent as its table
    select
        'pre', 55, 'pg_class'::regclass, t.oid, 'sequence persistence', r.name,
        format(
            'alter sequence %s set %s', r.name, case r.relpersistence when 'u' then 'unlogged' else 'logged' end
        )
    from freehold._ddl_relation(ns) r
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.relid
    join pg_class t on t.oid = d.refobjid
    where r.relkind = 'S' and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
      and t.relpersistence <> r.relpersistence;
end;

comment on function freehold._ddl_sequence(oid) is
'The sequences of a schema, the columns that own them, and identity sequences less or more durable than their table.';
