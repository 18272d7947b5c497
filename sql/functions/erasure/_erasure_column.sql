-- The columns of the control plane's tables that may name a tenant, as the catalog has them: by id or by slug.
create or replace function freehold._erasure_column() returns table (table_name name, column_name name, of_slug boolean)
    language sql stable security invoker
begin atomic
    select c.relname, a.attname, a.atttypid <> 'uuid'::regtype
    from pg_depend as d
    join pg_class as c on c.oid = d.objid and c.relkind in ('r', 'p') and has_table_privilege(c.oid, 'select')
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and (a.atttypid = 'uuid'::regtype or a.attname = 'slug')
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = 'freehold'::regnamespace and d.classid = 'pg_class'::regclass;
end;
