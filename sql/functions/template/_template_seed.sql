-- The rows and sequence positions of a template as statements that carry their values: text of the whole row, which every
-- type can write and read. Read as the template's owner.
create or replace function freehold._template_seed(template freehold.template)
    returns table (ordinal integer, ddl text)
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_source constant text := quote_ident(template.schema_name);
    v_row record;
    v_from text;
    v_query text;
    v_bytes bigint := 0;
begin
    for v_row in
        select d.ordinal, d.kind, d.identity, d.ddl
        from freehold._schema_ddl(v_source::regnamespace) as d
        where d.phase = 'data'
        order by d.ordinal
    loop
        ordinal := v_row.ordinal;
        if v_row.kind = 'rows' then
            v_from := format(' from only %s.%s', v_source, v_row.identity);
            v_query := format(
                'select %L || pg_catalog.string_agg(pg_catalog.quote_literal(s.r), '', '' order by s.r) || %L
                 from (select _freehold_row::text as r from only %s.%s as _freehold_row) as s',
                left(v_row.ddl, -length(v_from)) || format(' from (select (r::%s).* from pg_catalog.unnest(array[', v_row.identity),
                ']) as r) as seed', v_source, v_row.identity);
        else
            v_query := format(
                'select pg_catalog.format(%L, s.last_value, s.is_called) from %s.%s as s',
                format('select pg_catalog.setval(%L, %%s, %%L)', v_row.identity), v_source, v_row.identity);
        end if;
        ddl := freehold._owner_run(template.cell, template.schema_name, template.owner_role,
                                   'set local row_security = off', v_query);
        continue when ddl is null;
        v_bytes := v_bytes + octet_length(ddl);
        if v_bytes > freehold._setting_value('seed_limit')::bigint then
            raise exception 'template "%" holds more rows than a template may', template.name
                using errcode = 'FH003',
                      detail = format('Past %s bytes at table %s.', freehold._setting_value('seed_limit'), v_row.identity),
                      hint = 'Rows of a template go into every tenant: keep reference data only, or raise the setting seed_limit.';
        end if;
        return next;
    end loop;
end
$$;
