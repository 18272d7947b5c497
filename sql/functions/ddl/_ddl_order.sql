-- Leaves freehold.ddl_separate set: a caller has the setting in a SET clause of its own.
-- Levels by counting off the nodes whose needs are met (Kahn), so the cost is linear in nodes and edges. What is left lies
-- on a circle. A domain whose check needs the domain is the one circle to be broken here: that check comes apart.
create or replace function freehold._ddl_order(
    ns oid,
    apart out oid[],
    level out jsonb,
    early out oid[],
    circle out jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_class oid[];
    v_node oid[];
    v_level integer[];
    v_floor integer[];
    v_need integer[];
    v_from integer[];
    v_to integer[];
    v_first integer[];
    v_queue integer[];
    v_done integer;
    v_head integer;
    v_edge integer;
    v_at integer;
    v_user integer;
    v_loose oid[];
begin
    perform set_config(
        'freehold.ddl_separate',
        coalesce((
            select string_agg(format('%s.%s.%s', f.classid, f.objid, f.relid), ' ' order by f.classid, f.objid)
            from freehold._ddl_separate_find(ns) f
        ), ''),
        true);
    apart := '{}';
    loop
        select e.classes, e.nodes, e.floors, e.needs, e.firsts, e.froms, e.tos, e.loose, e.keys
        into v_class, v_node, v_floor, v_need, v_first, v_from, v_to, v_loose, early
        from freehold._ddl_graph(ns, apart) e;
        v_level := v_floor;
        v_queue := array(select n.number::integer from unnest(v_need) with ordinality n (need, number) where n.need = 0);
        v_done := coalesce(cardinality(v_queue), 0);
        v_head := 1;
        while v_head <= v_done loop
            v_at := v_queue[v_head];
            v_head := v_head + 1;
            v_edge := v_first[v_at];
            while v_to[v_edge] = v_at loop
                v_user := v_from[v_edge];
                if v_level[v_user] <= v_level[v_at] then
                    v_level[v_user] := v_level[v_at] + 1;
                end if;
                v_need[v_user] := v_need[v_user] - 1;
                if v_need[v_user] = 0 then
                    v_done := v_done + 1;
                    v_queue[v_done] := v_user;
                end if;
                v_edge := v_edge + 1;
            end loop;
        end loop;
        exit when v_done = coalesce(cardinality(v_node), 0) or apart <> '{}' or v_loose is null;
        apart := v_loose;
    end loop;

    select coalesce(jsonb_object_agg(format('%s.%s', n.class, n.node), n.level) filter (where n.level <> n.floor), '{}')
    into level
    from unnest(v_class, v_node, v_level, v_floor) n (class, node, level, floor);

    -- What only needs the circle, without being on it, is counted off from the other side.
    if v_done < coalesce(cardinality(v_node), 0) then
        circle := freehold._ddl_circle(v_class, v_node, v_need, v_from, v_to);
    end if;
end
$$;

comment on function freehold._ddl_order(oid) is
    'The order of creation: level by node where it is not the floor of its kind, domain checks that come apart, constraints '
    'that something in phase pre needs, and the nodes of a circle that cannot be broken.';
