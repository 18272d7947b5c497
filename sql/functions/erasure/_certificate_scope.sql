-- What was erased, item by item: how much there was, how much there is, and by what.
create or replace function freehold._certificate_scope(operation freehold.operation, after jsonb) returns jsonb
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select jsonb_agg(jsonb_build_object('item', i.item, 'before', i.before, 'after', i.after, 'method', i.method) order by i.part, i.item)
    from (
        select 1 as part, k.key as item, k.value as before, after -> k.key as after,
               case k.key
                   when 'schemas' then 'drop schema' when 'objects' then 'drop table, drop routine, drop schema cascade'
                   when 'roles' then 'drop role' when 'large objects' then 'drop owned' when 'role settings' then 'drop role'
                   else 'drop owned, drop role' end as method
        from jsonb_each(operation.detail -> 'before') as k
        union all
        select 2, 'rows', operation.detail -> 'seen' -> 'rows', '0', 'drop table'
        union all
        select 2, 'bytes', operation.detail -> 'seen' -> 'bytes', '0', 'drop table'
        union all
        select 2, 'audit log bytes', operation.detail -> 'seen' -> 'audit log bytes', '0', 'drop table'
        union all
        select 3, format('freehold.%s', k.key), k.value, '0', case when strpos(k.key, '.') > 0 then 'set null' else 'delete' end
        from jsonb_each(operation.detail -> 'control_rows') as k
        union all
        select 4, 'freehold.tenant: names, external id, settings, limits', '1', '0', 'set null') as i
$$;
