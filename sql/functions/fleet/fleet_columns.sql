-- security definer: plans the query through the tenant's reader. Touches: fleet_run (read), tenant (read).
create or replace function freehold.fleet_columns(run bigint, slug text) returns table (name text, type name)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant freehold.fleet_run := freehold._fleet_run(run);
    v_held constant text[] := freehold._fleet_locks();
    v_names record;
    v_types record;
begin
    v_names := freehold._fleet_ask(slug, v_run.query, '30 seconds', 0, 1, format('fleet query %s', run));
    -- Nothing is read: the join is with nothing.
    v_types := freehold._fleet_ask(slug, format(
        E'select pg_catalog.json_build_array(%s) as types from (values (true)) as one left join (\n%s\n) as q on false',
        (select string_agg(format('pg_catalog.pg_typeof(q.%I)::pg_catalog.oid::pg_catalog.int8', n.value #>> '{}'), ', ' order by n.ordinal)
         from unnest(v_names.answer) with ordinality as n (value, ordinal)),
        regexp_replace(v_run.query, ';\s*$', '')), '30 seconds', 1, 1000000, format('fleet query %s', run));
    perform freehold._fleet_clean(v_held);
    return query
        select n.value #>> '{}', freehold._fleet_type((v_types.answer[1] -> 'types' ->> (n.ordinal::integer - 1))::oid)
        from unnest(v_names.answer) with ordinality as n (value, ordinal)
        order by n.ordinal;
end
$$;

comment on function freehold.fleet_columns(bigint, text) is
    'The columns of a query that fleet_begin() began, as a tenant has them, in their order: names, and the type in pg_catalog that a '
    'value of fleet_ask() can be read as (jsonb_to_record()); jsonb where it is another or cannot be told. No rows where the tenant '
    'refuses the query. Raises FH171 and FH272 as fleet_ask().';
