-- The body of the function by which _owner_run acts as an owner. It runs with the tenant's schema first on the path, so it
-- qualifies every name, type and operator. Deferred triggers are fired here, last: what is left of them at COMMIT would,
-- before 18, run as whoever commits. Code can queue new ones while those fire, so before 18 each table that can have some
-- is altered to what it is, which PostgreSQL refuses while it has any.
create or replace function freehold._owner_body(ns oid) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format('
declare
    v_result pg_catalog.text;
    v_table pg_catalog.text;
begin
    execute statement;
    if query operator(pg_catalog.<>) '''' then
        execute query into v_result;
    end if;
    set constraints all immediate;
    %s
    return v_result;
end
', case when current_setting('server_version_num')::integer < 180000 then format('
    for v_table in
        select distinct t.tgrelid::pg_catalog.regclass::pg_catalog.text
        from pg_catalog.pg_depend as d
        join pg_catalog.pg_trigger as t on t.tgrelid operator(pg_catalog.=) d.objid and t.tgdeferrable and not t.tgisinternal
        where d.refclassid operator(pg_catalog.=) %s and d.refobjid operator(pg_catalog.=) %s
            and d.classid operator(pg_catalog.=) %s
    loop
        execute pg_catalog.format(''alter table %%s owner to current_user'', v_table);
    end loop;', 'pg_namespace'::regclass::oid, ns, 'pg_class'::regclass::oid) end)
$$;
