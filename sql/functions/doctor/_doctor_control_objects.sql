-- Functions of cells, and the one of the installing role, are theirs by their names.
create or replace function freehold._doctor_control_objects()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'error', format('%s %s', i.type, i.identity), format('belongs to %s', o.owner::regrole),
           'What is in the control plane is called by those who trust it; only its owner role may have put it there.',
           format('alter %s %s owner to %I;', i.type, i.identity, freehold._role('owner'))
    from (select 'pg_proc'::regclass as classid, p.oid, p.proowner as owner
          from pg_proc as p
          where p.pronamespace = 'freehold'::regnamespace and p.proname <> '_installer_schema'
              and not (p.proname ~ '^_cell_\d+$' and p.proowner = coalesce(to_regrole(freehold._role(substr(p.proname, 2))), 0))
          union all
          select 'pg_class'::regclass, c.oid, c.relowner
          from pg_class as c
          where c.relnamespace = 'freehold'::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')) as o
    cross join lateral pg_identify_object(o.classid, o.oid, 0) as i
    where o.owner <> freehold._role('owner')::regrole
$$;
