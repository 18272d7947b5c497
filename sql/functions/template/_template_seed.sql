-- The rows and sequence positions of a template as statements that carry their values, by the ordinal of the deparsed
-- ones. A row is the text of the whole row, which every type can write and read. Read in one query, as the template's owner.
create or replace function freehold._template_seed(template freehold.template, ddl freehold.template_ddl[]) returns jsonb
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_source constant text := quote_ident(template.schema_name);
    v_limit constant bigint := freehold._setting_value('seed_limit')::bigint;
    v_query text;
    v_seed text;
    v_lift record;
begin
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
    into v_query
    from unnest(ddl) as d
    where d.phase = 'data';
    if v_query is null then
        return jsonb '{}';
    end if;
    select * into v_lift from freehold._rows_lift(v_source::regnamespace);
    v_seed := freehold._owner_run(
        template.cell, template.schema_name, template.owner_role, coalesce(v_lift.lift, ''),
        format('select pg_catalog.jsonb_object_agg(d.ordinal, d.ddl)::pg_catalog.text from (%s) as d where d.ddl is not null', v_query),
        all_rows => true);
    if v_lift.restore is not null then
        perform freehold._owner_run(template.cell, template.schema_name, template.owner_role, v_lift.restore);
    end if;
    if octet_length(v_seed) > v_limit then
        raise exception 'template "%" holds more rows than a template may', template.name
            using errcode = 'FH003', detail = format('%s bytes of at most %s.', octet_length(v_seed), v_limit),
                  hint = 'Rows of a template go into every tenant: keep reference data only, or raise the setting seed_limit.';
    end if;
    return coalesce(v_seed::jsonb, jsonb '{}');
end
$$;
