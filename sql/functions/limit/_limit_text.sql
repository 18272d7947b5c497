-- A limit for people: in the largest unit that divides it, as PostgreSQL shows settings.
create or replace function freehold._limit_text(name text, value bigint) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        (select value / u.size || u.unit
         from freehold._limit_known() as k
         join (values ('ms', 'd', 86400000), ('ms', 'h', 3600000), ('ms', 'min', 60000), ('ms', 's', 1000), ('ms', 'ms', 1),
                      ('kB', 'TB', 1073741824), ('kB', 'GB', 1048576), ('kB', 'MB', 1024), ('kB', 'kB', 1))
             as u (base, unit, size) on u.base = k.unit
         where k.name = _limit_text.name and value % u.size = 0
         order by u.size desc
         limit 1),
        value::text)
$$;
