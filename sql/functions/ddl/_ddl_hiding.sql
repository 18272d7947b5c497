create or replace function freehold._ddl_hiding(ns oid)
returns boolean
language sql
stable
begin atomic
    select exists (
        select
        from pg_depend d
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.deptype = 'n'
            and case d.classid
                when 'pg_class'::regclass then exists (
                    select from pg_class c
                    join pg_class b on b.relname = c.relname and b.relnamespace = 'pg_catalog'::regnamespace
                    where c.oid = d.objid)
                when 'pg_proc'::regclass then exists (
                    select from pg_proc p
                    join pg_proc b
                        on b.proname = p.proname and b.proargtypes = p.proargtypes
                        and b.pronamespace = 'pg_catalog'::regnamespace
                    where p.oid = d.objid)
                when 'pg_type'::regclass then exists (
                    select from pg_type t
                    join pg_type b on b.typname = t.typname and b.typnamespace = 'pg_catalog'::regnamespace
                    where t.oid = d.objid)
                when 'pg_operator'::regclass then exists (
                    select from pg_operator o
                    join pg_operator b
                        on b.oprname = o.oprname and b.oprleft = o.oprleft and b.oprright = o.oprright
                        and b.oprnamespace = 'pg_catalog'::regnamespace
                    where o.oid = d.objid)
                when 'pg_collation'::regclass then exists (
                    select from pg_collation c
                    join pg_collation b on b.collname = c.collname and b.collnamespace = 'pg_catalog'::regnamespace
                    where c.oid = d.objid)
                when 'pg_ts_config'::regclass then exists (
                    select from pg_ts_config c
                    join pg_ts_config b on b.cfgname = c.cfgname and b.cfgnamespace = 'pg_catalog'::regnamespace
                    where c.oid = d.objid)
                when 'pg_ts_dict'::regclass then exists (
                    select from pg_ts_dict c
                    join pg_ts_dict b on b.dictname = c.dictname and b.dictnamespace = 'pg_catalog'::regnamespace
                    where c.oid = d.objid)
                else false
            end);
end;

comment on function freehold._ddl_hiding(oid) is
    'Whether anything in the schema goes by the name of something in pg_catalog.';
