-- The next batch of an erasure: the statement that drops it, and the tables among it. Null when the whole rest fits into one
-- transaction. Tables first; once those fit, routines, as many as a third of the lock table's room takes.
create or replace function freehold._erase_batch(ns oid, out statement text, out tables oid[])
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_budget constant bigint := greatest(freehold._lock_room() / 3, 100);
    v_routines oid[];
begin
    tables := freehold._erase_tables(ns);
    if tables is not null then
        statement := format('drop table %s cascade', (select string_agg(t.oid::regclass::text, ', ') from unnest(tables) as t (oid)));
        return;
    end if;
    v_routines := array(
        select d.objid
        from pg_depend as d
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_proc'::regclass
        order by d.objid desc
        limit v_budget + 1);
    if cardinality(v_routines) > v_budget then
        statement := format('drop routine %s cascade', (
            select string_agg(freehold._routine_name(r.oid), ', ') from unnest(v_routines[1:v_budget / 2]) as r (oid)));
    end if;
end
$$;
