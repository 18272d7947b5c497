create or replace function freehold._doctor_leftovers()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('%I.%I', h.schema_name, o.name), 'is left over from a script that ran as the owner',
           'It goes in the transaction that made it; a copy of files or a restore may have kept it.',
           format('drop materialized view if exists %1$I.%2$I; drop function if exists %1$I.%2$I();', h.schema_name, o.name)
    from freehold._fleet_home() as h
    join (select p.pronamespace, p.proname from pg_proc as p where p.proname ~ '^_freehold_[0-9a-f]{32}$'
          union
          select c.relnamespace, c.relname from pg_class as c where c.relname ~ '^_freehold_[0-9a-f]{32}$') as o (ns, name)
        on o.ns = h.ns
$$;
