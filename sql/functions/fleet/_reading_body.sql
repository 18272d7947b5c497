-- What every reading function has executed: one query, as the reader whose it is, row by row. A cursor takes one statement that
-- returns rows, no more. Names are qualified, as the tenant's schema is first on the path from the first line on; what a tenant
-- puts in the place of one could only falsify its own answer. On a hardened server a reader has no
-- set_config(). With max_rows 0 nothing is run: the answer is the columns' names.
create or replace function freehold._reading_body() returns text
    language sql immutable security invoker
    return '
declare
    v_cursor pg_catalog.refcursor;
    v_row record;
    v_value pg_catalog.jsonb;
    v_bytes pg_catalog.int8 := 0;
begin
    execute pg_catalog.format(''set local search_path = %s'', path);
    answer := ''{}'';
    open v_cursor no scroll for execute query;
    if max_rows operator(pg_catalog.=) 0 then
        fetch relative 0 from v_cursor into v_row;
        select pg_catalog.array_agg(pg_catalog.to_jsonb(c.name) order by c.ordinal) into answer
        from pg_catalog.json_object_keys(pg_catalog.to_json(v_row)) with ordinality as c (name, ordinal);
        return;
    end if;
    loop
        fetch v_cursor into v_row;
        exit when not found;
        if pg_catalog.clock_timestamp() operator(pg_catalog.>) until then
            raise exception ''the query took longer than the tenant was given'' using errcode = ''57014'';
        end if;
        if pg_catalog.cardinality(answer) operator(pg_catalog.=) max_rows then
            more := ''rows'';
            exit;
        end if;
        v_value := pg_catalog.to_jsonb(v_row);
        if pg_catalog.cardinality(answer) operator(pg_catalog.=) 0
            and (select pg_catalog.count(*) from pg_catalog.json_object_keys(pg_catalog.to_json(v_row))) operator(pg_catalog.<>)
                (select pg_catalog.count(*) from pg_catalog.jsonb_object_keys(v_value))
        then
            raise exception ''columns of the query share a name'' using errcode = ''42701'', hint = ''Give each a name: ... as n.'';
        end if;
        v_bytes := v_bytes operator(pg_catalog.+) pg_catalog.pg_column_size(v_value);
        if v_bytes operator(pg_catalog.>) max_bytes then
            more := ''bytes'';
            exit;
        end if;
        answer := pg_catalog.array_append(answer, v_value);
    end loop;
end
';
