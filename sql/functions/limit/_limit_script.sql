-- The statements, for its cell, that give a runtime role the limits of its tenant: of these names, of all where none is given.
-- What is not limited is taken back.
create or replace function freehold._limit_script(tenant freehold.tenant, role name, names text[] default null) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select string_agg(
        case when k.unit is null then format('alter role %I connection limit %s', role, coalesce(v.value, '-1'))
             else format('alter role %I in database %I %s %I%s', role, current_database(),
                         case when v.value is null then 'reset' else 'set' end, k.name, ' = ' || v.value) end, '; ')
    from freehold._limit_known() as k
    cross join lateral (select (tenant.limits ->> k.name)::integer::text) as v (value)
    where k.name <> 'concurrency' and case when names is null then tenant.limits ? k.name else k.name = any (names) end
$$;
