create or replace function freehold._ddl_check(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        -- after the rows: those that break a constraint that is not valid must get in
        'post', 90, 'pg_constraint'::regclass::oid, c.oid, case c.contype when 'c' then 'check' else 'not null' end,
        format('%s.%I', r.name, c.conname),
        format(
            'alter %s %s add constraint %I %s',
            case r.relkind when 'f' then 'foreign table' else 'table' end,
            r.name, c.conname, pg_get_constraintdef(c.oid)
        )
    from freehold._ddl_separate(ns) s
    join freehold._ddl_relation(ns) r on r.relid = s.relid
    join pg_constraint c on c.oid = s.objid
    -- the parent's hands itself down
    where s.classid = 'pg_constraint'::regclass and (c.conislocal or c.coninhcount = 0);
end;

comment on function freehold._ddl_check(oid) is
'The check and not null constraints of a schema that cannot stand in create table.';
