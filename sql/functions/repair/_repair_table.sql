-- A partition loses columns and checks with its parent, or after it: parent.actual_at is the place of the uppermost.
create or replace function freehold._repair_table(ns oid, r freehold._repair_row, parent freehold._repair_row)
    returns setof freehold._repair_step
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_name constant text := r.identity;
    e constant record := freehold._repair_table_parts(r.expected[1]);
    a constant record := freehold._repair_table_parts(r.actual[1]);
    v_attached constant boolean := parent.identity is not null;
    -- The parent's own change reaches this one as well.
    v_parent_changes constant boolean := v_attached and parent.expected is distinct from parent.actual;
    v_relation constant regclass := to_regclass(format('%I.%s', ns::regnamespace::name, v_name));
    v_rows constant boolean := freehold._repair_rows_held(v_relation);
    v_depth constant integer := (select count(*) from pg_partition_ancestors(v_relation));
    v_place constant integer := -coalesce(parent.actual_at, r.actual_at);
    s freehold._repair_step;
    v_column record;
    v_change record;
    v_order text[] := '{}'::text[];
    v_added text[] := '{}'::text[];
    v_names text[];
begin
    s.place := r.expected_at;
    s.change := 'different';
    s.kind := r.kind;
    s.identity := v_name;
    s.target := r.target;
    s.loses := false;
    if regexp_replace(e.head, '^create unlogged', 'create') <> regexp_replace(a.head, '^create unlogged', 'create') or e.tail <> a.tail then
        s.stage := 9;
        s.statement := format('alter table %s', v_name);
        s.reason := 'it was made otherwise: '
            || concat_ws(' ', a.head, btrim(a.tail)) || ' instead of ' || concat_ws(' ', e.head, btrim(e.tail));
        return next s;
        s.reason := null;
    end if;
    for v_column in
        select ec.item as expected, ac.item as actual, ec.name as expected_name, ac.name as actual_name, ac.generated,
               case when ec.n is null or ac.n is null then coalesce(twin.name, '') end as twin
        from (select u.item, u.n, p.name, p.generated
              from unnest(e.columns) with ordinality as u (item, n) cross join lateral freehold._repair_column_parts(u.item) as p) as ec
        full join (select u.item, u.n, p.name, p.generated
                   from unnest(a.columns) with ordinality as u (item, n)
                   cross join lateral freehold._repair_column_parts(u.item) as p) as ac on ac.name = ec.name
        left join lateral (
            -- One that was only renamed stands in the same place, and nothing else of it differs.
            select p.name
            from freehold._repair_column_parts(e.columns[ac.n]) as p
            where ec.n is null and cardinality(e.columns) = cardinality(a.columns)
              and regexp_replace(substr(e.columns[ac.n], length(p.name) + 1), ' constraint [^ ]+ not null', ' not null')
                  = regexp_replace(substr(ac.item, length(ac.name) + 1), ' constraint [^ ]+ not null', ' not null')
              and not exists (select from unnest(a.columns) as o (item)
                              where (freehold._repair_column_parts(o.item)).name = p.name)) as twin on true
        order by ac.n, ec.n
    loop
        s.part := 2000;
        s.root := null;
        s.loses := false;
        s.reason := null;
        if v_column.expected_name is null and v_column.twin <> '' then
            v_order := v_order || v_column.twin;
            s.stage := 2;
            s.place := v_depth;
            s.statement := format('alter table %s rename column %s to %s', v_name, v_column.actual_name, v_column.twin);
            if not v_parent_changes then
                return next s;
            end if;
            v_column.expected := (select u.item from unnest(e.columns) as u (item)
                                  where (freehold._repair_column_parts(u.item)).name = v_column.twin);
            v_column.actual := v_column.twin || substr(v_column.actual, length(v_column.actual_name) + 1);
            v_added := v_added || v_column.twin;
        elsif v_column.expected_name is null then
            s.stage := 1;
            s.place := v_place;
            s.part := v_depth;
            s.statement := format('alter table %s drop column if exists %s', v_name, v_column.actual_name);
            s.root := 'column ' || v_name || '.' || v_column.actual_name;
            s.loses := v_rows and v_column.generated is null;
            if not v_parent_changes then
                return next s;
            end if;
            continue;
        elsif v_column.actual_name is null then
            continue;
        else
            v_order := v_order || v_column.expected_name;
        end if;
        s.stage := 3;
        s.place := r.expected_at;
        for v_change in
            select c.* from freehold._repair_column(v_name, v_column.expected, v_column.actual, v_attached) as c
            where v_column.expected <> v_column.actual
        loop
            s.statement := v_change.statement;
            s.root := v_change.root;
            s.loses := v_change.loses and v_rows;
            s.reason := v_change.reason;
            -- What is not null below stays so when it is above, and then keeps its name.
            s.stage := case when s.statement ~ '( set| drop) not null$|^alter table .* add constraint .* not null ' then 2 else 3 end;
            s.place := case when s.stage = 3 then r.expected_at
                            when s.statement like '% drop not null' then v_depth
                            else 1000 - v_depth end;
            if s.reason is null or not v_parent_changes then
                return next s;
            end if;
        end loop;
    end loop;
    s.stage := 3;
    s.place := r.expected_at;
    s.root := null;
    s.loses := false;
    s.reason := null;
    s.part := 10;
    for v_column in
        select u.item, p.name
        from unnest(e.columns) with ordinality as u (item, n)
        cross join lateral freehold._repair_column_parts(u.item) as p
        where p.name <> all (v_order) and p.name <> all (v_added)
        order by u.n
    loop
        v_order := v_order || v_column.name;
        s.part := s.part + 1;
        s.statement := format('alter table %s add column %s', v_name, v_column.item);
        if not v_parent_changes then
            return next s;
        end if;
    end loop;
    v_names := array(select (freehold._repair_column_parts(u.item)).name
                     from unnest(e.columns) with ordinality as u (item, n) order by u.n);
    if v_order <> v_names then
        s.stage := 9;
        s.statement := format('create table %s (%s)', v_name, array_to_string(v_names, ', '));
        s.reason := 'columns cannot be put in another order: a new table would have to take the rows over';
        return next s;
        s.stage := 3;
        s.reason := null;
    end if;
    for v_change in
        select substring(c.expected, c_named) as e_name, substring(c.actual, c_named) as a_name, c.expected, c.actual
        from (select '^constraint ("(?:[^"]|"")+"|[^ ]+) ') as k (c_named)
        cross join lateral (
            select x.item as expected, y.item as actual
            from unnest(e.constraints) as x (item)
            full join unnest(a.constraints) as y (item) on substring(y.item, k.c_named) = substring(x.item, k.c_named)
        ) as c
        where c.expected is distinct from c.actual
        order by coalesce(c.expected, c.actual)
    loop
        if v_change.actual is not null then
            s.stage := 1;
            s.place := v_place;
            s.part := v_depth;
            s.statement := format('alter table %s drop constraint if exists %s', v_name, v_change.a_name);
            return next s;
        end if;
        if v_change.expected is not null
            and not (v_attached and v_change.expected = any ((freehold._repair_table_parts(parent.expected[1])).constraints)
                     and v_change.expected <> all ((freehold._repair_table_parts(parent.actual[1])).constraints)) then
            s.stage := 3;
            s.place := r.expected_at;
            s.part := 3000;
            s.statement := format('alter table %s add %s', v_name, v_change.expected);
            return next s;
        end if;
    end loop;
    s.stage := 3;
    s.place := r.expected_at;
    s.part := 5;
    for v_change in
        select format('alter table only %s %s', v_name, o.o) as statement from freehold._repair_options(e.options, a.options) as o
        union all
        select format('alter table %s set %s', v_name, case when e.head like 'create unlogged%' then 'unlogged' else 'logged' end)
        where (e.head like 'create unlogged%') <> (a.head like 'create unlogged%')
        union all
        select format('alter table %s set tablespace %s', v_name, coalesce(e.tablespace, 'pg_default'))
        where e.tablespace is distinct from a.tablespace
        union all
        select format('alter table %s set access method %s', v_name, coalesce(e.method, 'heap'))
        where e.method is distinct from a.method
    loop
        s.statement := v_change.statement;
        return next s;
    end loop;
end
$$;

comment on function freehold._repair_table(oid, freehold._repair_row, freehold._repair_row) is
    'What leads from a table as it is to what it should be.';
