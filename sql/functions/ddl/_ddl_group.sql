-- To plan all kinds is most of the deparser's work, and PostgreSQL forgets the plans whenever a schema is made or dropped.
create or replace function freehold._ddl_group(ns oid)
returns text[]
language sql
stable
begin atomic
    select array_remove(
        array[
            'plain',
            case when bool_or(d.classid = 'pg_class'::regclass) then 'relational' end,
            case when bool_or(c.relhasrules) then 'query' end,
            case when bool_or(
                case d.classid
                    when 'pg_class'::regclass
                        then c.relkind = 'f' or exists (select from pg_inherits i where i.inhrelid = c.oid)
                    when 'pg_type'::regclass then t.typtype not in ('c', 'd', 'e')
                    when 'pg_proc'::regclass then p.prokind = 'a'
                    else true
                end) then 'rare' end
        ],
        null)
    from pg_depend d
    left join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
    left join pg_type t on d.classid = 'pg_type'::regclass and t.oid = d.objid
    left join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.deptype = 'n';
end;

comment on function freehold._ddl_group(oid) is
    'Which of _ddl_plain, _ddl_relational, _ddl_query and _ddl_rare have statements of a schema, or may have.';
