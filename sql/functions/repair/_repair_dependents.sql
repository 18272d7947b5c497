create or replace function freehold._repair_dependents(
    ns oid, things freehold._repair_row[], steps freehold._repair_step[], gone freehold._repair_reached[]
) returns setof freehold._repair_step
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with reached as materialized (
        select b.target, bool_or(b.automatic) as automatic from unnest(gone) as b group by b.target
    ),
    affected as materialized (
        select r.kind, r.identity, r.target, r.expected, r.expected_places, r.actual, r.actual_at, g.automatic
        from reached as g
        join unnest(things) as r
            on r.actual is not null and r.expected is not null and g.target in (r.target, freehold._repair_parent(r.target))
    )
    select 1, u.place, u.part, 'dependent', a.kind, a.identity, a.target, u.statement, null::text, false, null::text
    from affected as a
    cross join lateral freehold._repair_steps(
        ns, (a.kind, a.identity, a.target, null, null, null, a.actual, a.actual_at)::freehold._repair_row, null) as u
    where u.root is not null and u.stage = 1 and not a.automatic
      and not exists (select from unnest(steps) as s where (s.kind, s.identity, s.stage) = (a.kind, a.identity, 1))
    union all
    select 3, a.expected_places[d.n], d.n::integer, 'dependent', a.kind, a.identity, a.target, d.ddl, null, false, null
    from affected as a
    cross join lateral unnest(a.expected) with ordinality as d (ddl, n)
    where not exists (select from unnest(steps) as s where (s.kind, s.identity, s.stage) = (a.kind, a.identity, 3))
$$;

comment on function freehold._repair_dependents(oid, freehold._repair_row[], freehold._repair_step[], freehold._repair_reached[]) is
    'What has to make way for something else is dropped, and made again with all that hangs on it.';
