create or replace function freehold._repair_parents(schema name, things freehold._repair_row[])
    returns table (partition text, parent freehold._repair_row)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select p.identity,
           (u.kind, u.identity, u.target, u.expected, u.expected_at, u.expected_places, u.actual, t.actual_at)
           ::freehold._repair_row
    from unnest(things) as p
    join unnest(things) as u
        on u.kind = 'table' and u.expected is not null and u.actual is not null
        and starts_with(p.actual[1], format('alter table only %s attach partition ', u.identity))
    join pg_class as c on c.oid = pg_partition_root(to_regclass(format('%I.%s', schema, p.identity)))
    join unnest(things) as t on t.kind = 'table' and t.identity = quote_ident(c.relname)
    where p.kind = 'partition' and p.expected is not null and p.actual is not null
$$;

comment on function freehold._repair_parents(name, freehold._repair_row[]) is
    'The parent of each partition that is and should be one, with the place of the uppermost as its own.';
