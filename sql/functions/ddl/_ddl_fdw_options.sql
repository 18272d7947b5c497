create or replace function freehold._ddl_fdw_options(options text[])
returns text
language sql immutable
begin atomic
    select string_agg(
        format('%I %L', left(o.option, strpos(o.option, '=') - 1), substr(o.option, strpos(o.option, '=') + 1)),
        ', '
        order by o.ordinal
    )
    from unnest(options) with ordinality o (option, ordinal);
end;

comment on function freehold._ddl_fdw_options(text[]) is
'Foreign data options as they stand between the parentheses of OPTIONS; null if there are none.';
