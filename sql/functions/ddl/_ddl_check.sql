create or replace function freehold._ddl_check(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with separate as materialized (
        select
            quote_ident(r.relname) as name, c.oid, c.conrelid, c.conname, c.contype, c.conislocal, c.coninhcount,
            case r.relkind when 'f' then 'foreign table' else 'table' end as noun
        from freehold._ddl_separate(ns) s
        join pg_class r on r.oid = s.relid
        join pg_constraint c on c.oid = s.objid
        where s.classid = 'pg_constraint'::regclass
    )
    select
        -- after the rows: those that break a constraint that is not valid must get in
        'post', 90, 'pg_constraint'::regclass::oid, s.oid, case s.contype when 'c' then 'check' else 'not null' end,
        format('%s.%I', s.name, s.conname),
        format('alter %s %s add constraint %I %s', s.noun, s.name, s.conname, pg_get_constraintdef(s.oid))
    from separate s
    -- the parent's hands itself down
    where s.conislocal or s.coninhcount = 0
    union all
    -- not valid in the parent, valid in its child
    select
        'post', 91, 'pg_constraint'::regclass, c.oid, 'valid constraint', format('%I.%I', r.relname, c.conname),
        format(
            'alter %s %I validate constraint %I',
            case r.relkind when 'f' then 'foreign table' else 'table' end, r.relname, c.conname
        )
    from separate s
    join pg_constraint p on p.oid = s.oid
    join pg_inherits i on i.inhparent = s.conrelid
    join pg_class r on r.oid = i.inhrelid and r.relnamespace = ns and not r.relispartition
    join pg_constraint c on c.conrelid = i.inhrelid and c.contype = s.contype and c.conname = s.conname
    where not p.convalidated and c.convalidated and not c.conislocal;
end;

comment on function freehold._ddl_check(oid) is
'The check and not null constraints of a schema that cannot stand in create table.';
