-- To plan all kinds is most of the deparser's work, and PostgreSQL forgets the plans whenever a schema is made or dropped. So what a
-- schema has is asked first. A group may be named in vain, never left out: an object of another catalog with the same oid, a comment
-- on something that is another's.
create or replace function freehold._ddl_group(ns oid)
returns text[]
language sql
stable
begin atomic
    select array_remove(
        array[
            'plain',
            case when bool_or(t.typtype in ('c', 'd')) or exists (select from freehold._schema_cast(ns)) then 'typed' end,
            case when bool_or(d.classid = 'pg_class'::regclass) then 'relational' end,
            case when bool_or(
                c.relreplident is distinct from case when c.relkind in ('r', 'p', 'm') then 'd'::"char" else 'n'::"char" end
                or c.relrowsecurity or c.relforcerowsecurity
                or exists (select from pg_policy p where p.polrelid = c.oid)
                or exists (select from pg_index i where i.indrelid = c.oid and i.indisclustered)
                or c.relkind = 'v' and exists (select from pg_attrdef a where a.adrelid = c.oid))
                filter (where d.classid = 'pg_class'::regclass) then 'flagged' end,
            case when bool_or(c.relhasrules) then 'query' end,
            case when bool_or(c.relhastriggers and exists (
                select
                from pg_trigger g
                join pg_proc w on w.oid = g.tgfoid
                where g.tgrelid = c.oid and w.pronamespace = 'freehold_audit'::regnamespace)) then 'audit' end,
            case when exists (select from freehold._ddl_described(ns)) then 'comment' end,
            case when exists (select from pg_publication) then 'publication' end,
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
    'Which of the groups of statements a schema has, or may have: those that _schema_ddl() runs.';
