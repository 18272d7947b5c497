create or replace function freehold._repair_prune(
    things freehold._repair_row[], steps freehold._repair_step[], reached freehold._repair_reached[]
) returns setof freehold._repair_step
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with held as materialized (
        select distinct s.root from unnest(steps) as s where s.stage = 9 and s.root is not null
    ),
    taken as materialized (
        select g.root, g.target
        from (
            select b.root, b.target from unnest(reached) as b where b.automatic
            union
            select s.root, s.root from unnest(steps) as s
        ) as g (root, target)
        where g.root not like 'column type %'
    )
    select s.*
    from unnest(steps) as s
    where not (
        s.change <> 'missing' and s.stage in (1, 2, 9)
        and exists (
            select
            from taken as g
            where g.root is distinct from s.root and g.target in (s.target, freehold._repair_parent(s.target))
              and (g.root not in (select h.root from held as h)
                   or s.change = 'extra' and exists (select from unnest(steps) as o where o.root = g.root and o.change = 'extra')))
        -- unless it stands in the way of another one
        and not exists (
            select
            from unnest(reached) as b
            where s.stage = 1 and (s.root is not null or s.kind = 'default')
              and b.target = case s.kind when 'default' then 'default ' || s.identity else s.target end
              and not b.automatic and b.root not in (select h.root from held as h)
              and not exists (select from unnest(things) as r where r.kind = 'index partition' and r.identity = s.identity)))
$$;

comment on function freehold._repair_prune(freehold._repair_row[], freehold._repair_step[], freehold._repair_reached[]) is
    'The statements without those for what goes along with a dropped object by itself.';
