-- Rows and bytes of a schema's tables before they go. Counted as their owner where that is quick (256 MB at most, the smallest first,
-- in a quarter of the lock table's room; a table without a block has none, which needs no asking), else as the statistics have them;
-- those of tables that hide rows from their owner too. What cannot be read must not keep itself from being erased.
create or replace function freehold._erase_rows_seen(tenant freehold.tenant) returns jsonb
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_room constant bigint := freehold._lock_room() / 4;
    v_query text;
    v_counted jsonb;
    v_empty jsonb;
    v_seen jsonb;
begin
    with candidate as materialized (
        select c.oid, c.relname, pg_relation_size(c.oid) as size,
               2 + (select count(*) from pg_index as i where i.indrelid = c.oid) as locks
        from pg_depend as d
        join pg_class as c on c.oid = d.objid
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = to_regnamespace(quote_ident(tenant.schema_name))
            and d.classid = 'pg_class'::regclass and c.relkind = 'r' and not c.relforcerowsecurity
    ), running as (
        select c.*, sum(c.size) over (order by c.size, c.oid) as sizes, sum(c.locks) over (order by c.size, c.oid) as all_locks
        from candidate as c
        where c.size > 0
    )
    select (select string_agg(format('select %L::pg_catalog.text as name, pg_catalog.count(*) as n from only %I.%I', r.relname,
                                     tenant.schema_name, r.relname), ' union all ')
            from running as r
            where r.sizes <= 268435456 and r.all_locks <= v_room),
           (select jsonb_object_agg(c.relname, 0) from candidate as c where c.size = 0)
    into v_query, v_empty;
    if v_query is not null then
        begin
            v_counted := freehold._owner_run(tenant.cell, tenant.schema_name, tenant.owner_role, 'select', format(
                'select pg_catalog.jsonb_object_agg(c.name, c.n)::pg_catalog.text from (%s) as c', v_query))::jsonb;
        exception
            when others then
                if sqlstate ~ '^(53|57)' then
                    raise;
                end if;
        end;
    end if;
    v_counted := coalesce(v_counted, '{}') || coalesce(v_empty, '{}');
    select jsonb_build_object(
        'tables', count(*),
        'rows', coalesce(sum(coalesce((v_counted ->> c.relname)::bigint, nullif(c.reltuples, -1)::bigint, 0)), 0),
        'tables counted', count(v_counted ->> c.relname),
        'tables estimated', count(*) filter (where v_counted ->> c.relname is null and c.reltuples <> -1),
        'tables unknown', count(*) filter (where v_counted ->> c.relname is null and c.reltuples = -1),
        'bytes', coalesce(sum(pg_total_relation_size(c.oid)), 0),
        'audit log bytes', (select coalesce(sum(pg_total_relation_size(l.oid)), 0)
                            from (select p.relation from freehold._audit_partition(tenant.id) as p
                                  union all
                                  select to_regclass('freehold_audit.' || freehold._audit_name(tenant.id))) as l (oid)))
        || case when count(*) <= 200 then jsonb_build_object('rows by table', coalesce(
            jsonb_object_agg(c.relname, coalesce((v_counted ->> c.relname)::bigint, nullif(c.reltuples, -1)::bigint))
                filter (where c.relname is not null), '{}')) else '{}' end
    into v_seen
    from pg_depend as d
    join pg_class as c on c.oid = d.objid
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = to_regnamespace(quote_ident(tenant.schema_name))
        and d.classid = 'pg_class'::regclass and c.relkind = 'r';
    return v_seen;
end
$$;
