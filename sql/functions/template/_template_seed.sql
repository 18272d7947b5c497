-- The rows and sequence positions of a template as statements that carry their values, by the ordinal of the deparsed
-- ones. A row is the text of the whole row, which every type can write and read. Read as the template's owner, in one
-- snapshot by the template's lock; some tables at a time, each time in a subtransaction that is taken back, and its locks with
-- it: there may be more tables than the lock table has room for.
create or replace function freehold._template_seed(template freehold.template, ddl freehold.template_ddl[]) returns jsonb
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_source constant text := quote_ident(template.schema_name);
    v_limit constant bigint := freehold._setting_value('seed_limit')::bigint;
    v_query text;
    v_part jsonb;
    v_seed jsonb := jsonb '{}';
    v_bytes bigint := 0;
    v_lift record;
begin
    select * into v_lift from freehold._rows_lift(v_source::regnamespace);
    for v_query in
        select string_agg(format('select %s as ordinal, (%s) as ddl', d.ordinal, case d.kind
                   when 'rows' then format(
                       'select %L operator(pg_catalog.||) pg_catalog.string_agg(pg_catalog.quote_literal(s.r), '', '' order by s.r)
                               operator(pg_catalog.||) %L
                        from (select _freehold_row::pg_catalog.text as r from only %s.%s as _freehold_row) as s',
                       left(d.ddl, -length(format(' from only %s.%s', v_source, d.identity)))
                       || format(' from (select (r::%s).* from pg_catalog.unnest(array[', d.identity),
                       ']) as r) as seed', v_source, d.identity)
                   else format(
                       'select pg_catalog.format(%L, s.last_value, s.is_called) from %s.%s as s',
                       format('select pg_catalog.setval(%L, %%s, %%L)', d.identity), v_source, d.identity)
               end), ' union all ')
        from (select d.*, row_number() over (order by d.ordinal) as n from unnest(ddl) as d where d.phase = 'data') as d
        group by (d.n - 1) / 200
        order by (d.n - 1) / 200
    loop
        v_part := null;
        begin
            v_part := coalesce(freehold._owner_run(
                template.cell, template.schema_name, template.owner_role, coalesce(v_lift.lift, ''),
                format('select pg_catalog.jsonb_object_agg(d.ordinal, d.ddl)::pg_catalog.text from (%s) as d where d.ddl is not null',
                       v_query),
                all_rows => true), '{}')::jsonb;
            raise triggered_action_exception;
        exception
            when triggered_action_exception then
                if v_part is null then
                    raise;
                end if;
        end;
        v_bytes := v_bytes + octet_length(v_part::text);
        if v_bytes > v_limit then
            raise exception 'template "%" holds more rows than a template may', template.name
                using errcode = 'FH003', detail = format('More than %s bytes.', v_limit),
                      hint = 'Rows of a template go into every tenant: keep reference data only, or raise the setting seed_limit.';
        end if;
        v_seed := v_seed || v_part;
    end loop;
    return v_seed;
end
$$;
