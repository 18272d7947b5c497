create or replace function freehold._doctor_indexes()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', i.indexrelid::regclass::text, 'is not valid',
           case c.relkind when 'I' then 'It is not attached to an index of every partition.'
                          else 'Building it was interrupted: it costs at every write and serves no query.' end,
           case c.relkind when 'I' then 'Attach an index of each partition: alter index ... attach partition ...'
                          else format('reindex index %s;', i.indexrelid::regclass) end
    from pg_index as i
    join pg_class as c on c.oid = i.indexrelid
    join (select h.ns from freehold._fleet_home() as h union all select 'freehold'::regnamespace) as h on h.ns = c.relnamespace
    where not i.indisvalid or not i.indisready
$$;
