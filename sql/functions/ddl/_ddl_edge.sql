-- Two statements with settings of their own: the first may only probe indexes, the second must hash, since neither side
-- of its joins has an index and the planner knows no sizes.
create or replace function freehold._ddl_edge(ns oid, apart oid[])
returns table (fromclass oid, fromobj oid, nodeclass oid, node oid, floor integer, toclass oid, tonode oid, tofloor integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = on
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
    v_classid oid[];
    v_objid oid[];
    v_nodeclass oid[];
    v_node oid[];
    v_floor integer[];
    v_from integer[];
    v_refclassid oid[];
    v_refobjid oid[];
begin
    select array_agg(m.classid), array_agg(m.objid), array_agg(m.nodeclass), array_agg(m.node), array_agg(m.floor)
    into v_classid, v_objid, v_nodeclass, v_node, v_floor
    from freehold._ddl_member(ns, apart) m;

    select array_agg(e.number), array_agg(e.refclassid), array_agg(e.refobjid)
    into v_from, v_refclassid, v_refobjid
    from (
        select distinct m.number, d.refclassid, d.refobjid
        from unnest(v_classid, v_objid, v_nodeclass, v_node) with ordinality m (classid, objid, nodeclass, node, number)
        join pg_depend d on d.classid = m.classid and d.objid = m.objid
        where d.refclassid <> 'pg_namespace'::regclass
            and d.deptype in ('n', 'a', 'i')
            and (d.refclassid <> m.nodeclass or d.refobjid <> m.node)
            -- a sequence belongs to its column only in phase post
            and not (d.deptype = 'a' and d.refobjsubid > 0 and m.nodeclass = 'pg_class'::regclass and m.classid = m.nodeclass)
    ) e;

    perform set_config('enable_nestloop', 'off', true);
    return query
        with edge as materialized (
            select
                v_classid[e.number] as fromclass,
                v_objid[e.number] as fromobj,
                v_nodeclass[e.number] as nodeclass,
                v_node[e.number] as node,
                v_floor[e.number] as floor,
                t.nodeclass as toclass,
                t.node as tonode,
                t.floor as tofloor
            from unnest(v_from, v_refclassid, v_refobjid) e (number, refclassid, refobjid)
            join unnest(v_classid, v_objid, v_nodeclass, v_node, v_floor) t (classid, objid, nodeclass, node, floor)
                on t.classid = e.refclassid and t.objid = e.refobjid
            where (v_nodeclass[e.number], v_node[e.number]) is distinct from (t.nodeclass, t.node)
        )
        -- A function that its type is made from needs no more than the shell.
        select e.fromclass, e.fromobj, e.nodeclass, e.node, e.floor, e.toclass, e.tonode, e.tofloor
        from edge e
        left join (
            select distinct b.node, b.tonode
            from edge b
            where b.fromclass = 'pg_type'::regclass and b.nodeclass = b.fromclass and b.toclass = 'pg_proc'::regclass
        ) s on s.node = e.tonode and s.tonode = e.node
        where not (e.nodeclass = 'pg_proc'::regclass and e.toclass = 'pg_type'::regclass and s.node is not null);
end
$$;

comment on function freehold._ddl_edge(oid, oid[]) is
    'What needs what in a schema: pairs of nodes, with the object that the need comes from.';
