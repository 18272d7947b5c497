create or replace function freehold._ddl_foreign_key(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'post', case c.conparentid when 0 then 140 else 138 end, 'pg_constraint'::regclass::oid, c.oid, 'foreign key',
        format('%s.%I', r.name, c.conname),
        format('alter table %s add constraint %I %s', r.name, c.conname, pg_get_constraintdef(c.oid))
    from freehold._ddl_relation(ns) r
    join pg_constraint c on c.conrelid = r.relid
    left join pg_constraint p on p.oid = c.conparentid
    where c.contype = 'f'
      and (
          c.conparentid = 0
          -- a partition's own, made first and then adopted by the parent's, else it would take the parent's name
          or (
              r.relispartition and p.conrelid <> c.conrelid
              and (p.conname <> c.conname or p.convalidated <> c.convalidated)
          )
      );
end;

comment on function freehold._ddl_foreign_key(oid) is
'The foreign keys of a schema; partitions get theirs from the parent unless they differ.';
