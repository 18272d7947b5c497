-- The statement that takes away an object, or the part of a table.
create or replace function freehold._isolation_drop(classid oid, id oid, subid integer) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case
        when classid = 'pg_rewrite'::regclass then (
            select format(case when w.rulename = '_RETURN' then 'drop %2$s %3$s;' else 'drop rule %1$I on %3$s;' end,
                          w.rulename, case c.relkind when 'm' then 'materialized view' else 'view' end, c.oid::regclass)
            from pg_rewrite as w join pg_class as c on c.oid = w.ev_class where w.oid = id)
        when classid = 'pg_attrdef'::regclass then (
            select format('alter table %s alter column %I drop default;', a.adrelid::regclass, t.attname)
            from pg_attrdef as a join pg_attribute as t on t.attrelid = a.adrelid and t.attnum = a.adnum where a.oid = id)
        when classid = 'pg_constraint'::regclass then (
            select case when k.contypid <> 0 then format('alter domain %s drop constraint %I;', k.contypid::regtype, k.conname)
                        else format('alter table %s drop constraint %I;', k.conrelid::regclass, k.conname) end
            from pg_constraint as k where k.oid = id)
        when subid > 0 then (
            select format('alter table %s drop column %I;', a.attrelid::regclass, a.attname)
            from pg_attribute as a where a.attrelid = id and a.attnum = subid)
        else (select format('drop %s %s;', i.type, i.identity) from pg_identify_object(classid, id, 0) as i)
    end
$$;
