create or replace function freehold._ddl_options(options text[], prefix text default '')
returns text
language sql immutable
begin atomic
    select string_agg(
        format(
            '%s%I = %s',
            prefix,
            left(o.option, strpos(o.option, '=') - 1),
            case
                when v.value ~ '^-?[0-9]+(\.[0-9]+)?$' or v.value in ('true', 'false', 'on', 'off') then v.value
                else quote_literal(v.value)
            end
        ),
        ', '
        order by o.ordinal
    )
    from unnest(options) with ordinality o (option, ordinal)
    cross join lateral (select substr(o.option, strpos(o.option, '=') + 1) as value) v
    -- releases since 15.20 keep a note of their own here, different in every table
    where o.option not like 'pg\_attver=%';
end;

comment on function freehold._ddl_options(text[], text) is
'Storage or view options (reloptions, attoptions) as they stand between the parentheses of WITH or SET; null if none.';
