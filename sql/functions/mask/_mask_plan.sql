-- The columns of a home with their rules. Columns that reference one another become equally long.
create or replace function freehold._mask_plan(home freehold.tenant) returns freehold._mask_column_row[]
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_plan freehold._mask_column_row[] := array(select m from freehold._mask_column(home) as m);
    v_short jsonb;
begin
    with recursive edge as materialized (
        select e.*
        from (select distinct m.relid from unnest(v_plan) as m) as r
        join pg_constraint as k on k.conrelid = r.relid and k.contype = 'f'
        cross join lateral unnest(k.conkey, k.confkey) as u (attnum, confattnum)
        cross join lateral (values (k.conrelid, u.attnum, k.confrelid, u.confattnum), (k.confrelid, u.confattnum, k.conrelid, u.attnum))
            as e (relid, attnum, other, other_attnum)
    ), alike (relid, attnum, other, other_attnum) as (
        select m.relid, m.attnum, m.relid, m.attnum
        from unnest(v_plan) as m
        where m.linked and m.class = 'text' and m.rule in ('hash', 'fake')
        union
        select a.relid, a.attnum, e.other, e.other_attnum
        from alike as a join edge as e on e.relid = a.other and e.attnum = a.other_attnum
    )
    select jsonb_object_agg(format('%s.%s', s.relid, s.attnum), s.length) into v_short
    from (
        select a.relid, a.attnum, min(m.length) as length
        from alike as a join unnest(v_plan) as m on m.relid = a.other and m.attnum = a.other_attnum
        group by a.relid, a.attnum
    ) as s;
    if v_short is null then
        return v_plan;
    end if;
    return array(
        select jsonb_populate_record(m, case when v_short ? p.place then jsonb_build_object('length', v_short -> p.place) else '{}' end)
        from unnest(v_plan) as m
        cross join lateral (select format('%s.%s', m.relid, m.attnum)) as p (place));
end
$$;
