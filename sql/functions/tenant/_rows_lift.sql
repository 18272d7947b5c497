-- What keeps an owner from reading its own rows, as statements that lift it and that put it back: FORCE ROW LEVEL SECURITY,
-- by which a copy would silently lose rows (lifting it locks the table until commit), and rights the owner gave up.
create or replace function freehold._rows_lift(ns oid, out lift text, out restore text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select string_agg(s.lift, '; ' order by s.lift), string_agg(s.restore, '; ' order by s.restore)
    from pg_depend as d
    join pg_class as c on c.oid = d.objid and c.relkind in ('r', 'S')
    join pg_namespace as n on n.oid = c.relnamespace
    cross join lateral (select format('%I.%I', n.nspname, c.relname)) as t (name)
    cross join lateral (
        select format('alter table %s no force row level security', t.name), format('alter table %s force row level security', t.name)
        where c.relforcerowsecurity
        union all
        select format('grant select on %s to current_user', t.name), format('revoke select on %s from current_user', t.name)
        where not has_table_privilege(c.relowner, c.oid, 'select')
    ) as s (lift, restore)
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_class'::regclass
$$;
