create or replace function freehold._ddl_operator_name(ns oid, oper oid)
returns text
language sql
stable
parallel safe
return (
    select case
        when o.oprnamespace = ns then o.oprname::text
        else format('operator(%s.%s)', o.oprnamespace::regnamespace, o.oprname)
    end
    from pg_operator o
    where o.oid = oper);

comment on function freehold._ddl_operator_name(oid, oid) is
    'An operator''s name, bare in its own schema.';
