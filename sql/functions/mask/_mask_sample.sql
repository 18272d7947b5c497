-- What the rows of a home tell about its columns without a rule, as kinds by table and column ("oid.number"). Up to a thousand rows of a
-- table are read, as the home's owner; what comes back is kinds alone. Some tables at a time, each time in a subtransaction that is
-- taken back, and its locks with it.
create or replace function freehold._mask_sample(home freehold.tenant, plan freehold._mask_column_row[]) returns jsonb
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_query text;
    v_part jsonb;
    v_found jsonb := jsonb '{}';
    v_lift record;
begin
    select * into v_lift from freehold._rows_lift(to_regnamespace(quote_ident(home.schema_name)));
    for v_query in
        with field as (
            select m.relid, m.table_name, m.attnum, c.relpages, case m.class
                       when 'bytea' then format('pg_catalog.encode(pg_catalog.substr(r.%I, 1, 2000), ''escape'')', m.column_name)
                       else format('pg_catalog.left(r.%I::pg_catalog.text, 4000)', m.column_name) end as body
            from unnest(plan) as m
            join pg_class as c on c.oid = m.relid
            where m.rule is null and m.holds_rows and not m.generated
                and (m.class in ('text', 'json', 'jsonb', 'bytea', 'words', 'numeric', 'other') or m.shown_type = 'bigint')
                and (m.class <> 'bytea' or not m.is_array)
        ), reading as (
            select row_number() over (order by f.relid) as n, format(
                'select %s as place, pg_catalog.jsonb_object(array[%s]::pg_catalog.text[], array[%s]::pg_catalog.text[]) as kinds '
                'from (%s) as s',
                f.relid, string_agg(quote_literal(f.attnum), ', ' order by f.attnum),
                string_agg(freehold._mask_content('s.t' || f.attnum), ', ' order by f.attnum),
                (select string_agg(format('(select %s from only %I.%I as r%s limit 500)',
                                          string_agg(format('%s as t%s', f.body, f.attnum), ', ' order by f.attnum),
                                          home.schema_name, f.table_name, p.sample), ' union all ')
                 from (select '' union all
                       select format(' tablesample pg_catalog.system (%s)', round(3000.0 / greatest(f.relpages, 1), 4))
                       where f.relpages > 60) as p (sample))) as body
            from field as f
            group by f.relid, f.table_name, f.relpages
        )
        select string_agg(r.body, ' union all ') from reading as r group by r.n / 20
    loop
        v_part := null;
        begin
            v_part := freehold._owner_run(
                home.cell, home.schema_name, home.owner_role, coalesce(v_lift.lift, ''),
                format('select pg_catalog.jsonb_object_agg(d.place, d.kinds)::pg_catalog.text from (%s) as d', v_query),
                all_rows => true)::jsonb;
            raise triggered_action_exception;
        exception
            when triggered_action_exception then
                if v_part is null then
                    raise;
                end if;
        end;
        v_found := v_found || coalesce(
            (select jsonb_object_agg(format('%s.%s', t.key, k.key), k.value)
             from jsonb_each(v_part) as t cross join lateral jsonb_each(t.value) as k where k.value <> 'null'), '{}');
    end loop;
    return v_found;
end
$$;
