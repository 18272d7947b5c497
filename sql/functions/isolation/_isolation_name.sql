-- An object as a finding says it, and as GRANT does.
create or replace function freehold._isolation_name(
    classid oid, id oid, subid integer, out kind text, out keyword text, out name text, out columns text
)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case when i.type = 'parameter ACL' then 'parameter' when i.type = 'foreign-data wrapper' then 'foreign data wrapper'
                when i.type = 'server' then 'foreign server' when subid > 0 then 'column' else i.type end,
           case when i.type in ('view', 'materialized view', 'foreign table') or subid > 0 then 'table'
                when i.type = 'aggregate' then 'function' when i.type = 'parameter ACL' then 'parameter'
                when i.type = 'foreign-data wrapper' then 'foreign data wrapper' when i.type = 'server' then 'foreign server'
                else i.type end,
           case when subid > 0 then (pg_identify_object(classid, id, 0)).identity else i.identity end,
           case when subid > 0 then format(' (%I)', (select a.attname from pg_attribute as a
                                                     where a.attrelid = id and a.attnum = subid)) else '' end
    from pg_identify_object(classid, id, subid) as i
$$;
