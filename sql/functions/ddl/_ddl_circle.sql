create or replace function freehold._ddl_circle(class oid[], node oid[], need integer[], needer integer[], needed integer[])
returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left integer[] := array(select n.number::integer from unnest(need) with ordinality n (need, number) where n.need > 0);
    v_count integer := -1;
begin
    while v_count <> cardinality(v_left) loop
        v_count := cardinality(v_left);
        v_left := array(
            select distinct a.b
            from unnest(needer, needed) a (a, b)
            where a.a = any (v_left) and a.b = any (v_left));
    end loop;
    return (select jsonb_agg(jsonb_build_array(class[n.number], node[n.number])) from unnest(v_left) n (number));
end
$$;

comment on function freehold._ddl_circle(oid[], oid[], integer[], integer[], integer[]) is
    'The nodes on a circle, as [class, object], of those whose needs could not be met.';
