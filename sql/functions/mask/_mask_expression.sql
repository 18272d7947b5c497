-- What stands in the select list of a masked copy for a column of the table's alias _freehold_row, of the column's type or one
-- that is cast to it. Null stays null; arrays are masked by element. A text becomes no longer than the column, and its like in
-- other tables, take.
create or replace function freehold._mask_expression(mask freehold._mask_column_row) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_column constant text := format('_freehold_row.%I', mask.column_name);
    v_value constant text := case when mask.is_array then '_freehold_element.e' else v_column end;
    v_text text;
begin
    if coalesce(mask.rule, 'keep') = 'keep' then
        return v_column;
    elsif mask.rule = 'null' then
        return format('null::%s', mask.type_name);
    elsif mask.rule = 'constant' then
        return format('case when %s is not null then %L::%s end', v_column, mask.options ->> 'value', mask.type_name);
    elsif mask.rule = 'shuffle' then
        return format('_freehold_shuffle_%s.v', mask.attnum);
    end if;
    v_text := freehold._mask_text('<v>::#text');
    if mask.type_name ~ '\.citext' then
        v_text := freehold._mask_text('#lower(<v>::#text)');
    end if;
    v_text := replace(replace(replace(replace(
        freehold._mask_text(freehold._mask_value(mask.rule, mask.options, mask.class, mask.length)),
        '<m>', case when mask.type_name ~ 'int2' then '32767' when mask.type_name ~ 'int4' then '2147483647'
                    else '9223372036854775807' end),
        '<f>', quote_literal(coalesce(mask.options ->> 'fill', '*'))), '<t>', v_text), '<v>', v_value);
    if mask.is_array then
        v_text := format(
            'coalesce((select pg_catalog.array_agg(case when _freehold_element.e is not null then %s end order by _freehold_element.n) '
            'from pg_catalog.unnest(%s) with ordinality as _freehold_element (e, n)), %L::%s)',
            v_text, v_column, '{}', case mask.class when 'text' then 'pg_catalog.text[]'
                                    when 'integer' then 'pg_catalog.numeric[]' else mask.type_name end);
    end if;
    return format('case when %s is not null then %s end', v_column, v_text);
end
$$;
