create or replace function freehold._ddl_graph(
    ns oid,
    apart oid[],
    classes out oid[],
    nodes out oid[],
    floors out integer[],
    needs out integer[],
    firsts out integer[],
    froms out integer[],
    tos out integer[],
    loose out oid[],
    keys out oid[]
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $$
begin
    with edge as materialized (
        select e.fromclass, e.fromobj, e.nodeclass, e.node, e.floor, e.toclass, e.tonode, e.tofloor
        from freehold._ddl_edge(ns, apart) e
    ),
    node as materialized (
        select u.class, u.node, max(u.floor) as floor, row_number() over (order by u.class, u.node)::integer as number
        from (
            select e.nodeclass as class, e.node, e.floor from edge e
            union all
            select e.toclass, e.tonode, e.tofloor from edge e
        ) u
        group by u.class, u.node
    ),
    arc as materialized (
        select a.a, a.b, row_number() over (order by a.b, a.a)::integer as number
        from (
            select distinct f.number as a, t.number as b
            from edge e
            join node f on f.class = e.nodeclass and f.node = e.node
            join node t on t.class = e.toclass and t.node = e.tonode
        ) a
    )
    select
        (select array_agg(n.class order by n.number) from node n),
        (select array_agg(n.node order by n.number) from node n),
        (select array_agg(n.floor order by n.number) from node n),
        (select array_agg(coalesce(c.needs, 0) order by n.number)
            from node n
            left join (select a.a, count(*)::integer as needs from arc a group by a.a) c on c.a = n.number),
        (select array_agg(c.first order by n.number)
            from node n
            left join (select a.b, min(a.number) as first from arc a group by a.b) c on c.b = n.number),
        (select array_agg(a.a order by a.number) from arc a),
        (select array_agg(a.b order by a.number) from arc a),
        (select array_agg(distinct e.fromobj)
            from edge e
            where e.fromclass = 'pg_constraint'::regclass and e.nodeclass = 'pg_type'::regclass),
        (select array_agg(distinct e.tonode)
            from edge e
            where e.toclass = 'pg_constraint'::regclass and e.nodeclass <> 'pg_constraint'::regclass)
    into classes, nodes, floors, needs, firsts, froms, tos, loose, keys;
end
$$;

comment on function freehold._ddl_graph(oid, oid[]) is
    'The nodes of a schema that need or are needed, numbered, and the arcs between them sorted by what is needed.';
