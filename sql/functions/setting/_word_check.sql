-- Refuses a word that a column of a closed set cannot hold: which it can, its check constraint says. What calls it tells clients
-- by that which words an argument takes (catalog.py).
create or replace function freehold._word_check(parameter text, word text, source regclass, column_name name default 'state')
    returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_words text[];
begin
    if word is null then
        return;
    end if;
    -- An array, or a list of words: each is a literal.
    v_words := array(
        select w.word
        from pg_constraint as c
        join pg_attribute as a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
        cross join regexp_matches(pg_get_expr(c.conbin, c.conrelid), '''([^'']+)''', 'g') with ordinality as l (literal, ordinal)
        cross join unnest(case when l.literal[1] ~ '^\{' then l.literal[1]::text[] else l.literal end)
            with ordinality as w (word, ordinal)
        where c.conrelid = source and c.contype = 'c' and a.attname = column_name
        order by l.ordinal, w.ordinal);
    if word <> all (v_words) then
        raise exception '% is one of %, not %', parameter, array_to_string(v_words, ', '), quote_literal(left(word, 50))
            using errcode = 'FH003';
    end if;
end
$$;
