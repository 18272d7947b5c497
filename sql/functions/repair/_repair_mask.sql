create or replace function freehold._repair_mask(ddl text) returns text
    language sql immutable security invoker
begin atomic
    select coalesce(string_agg(
        case when t.shown then t.token else repeat('#', length(t.token)) end, '' order by t.position), '')
    from (
        select m.token, m.position,
               left(m.token, 1) not in ('''', '"')
               and 0 = least(sum(m.step) over w, sum(m.step) over w - m.step) as shown
        from (
            select r.match[1] as token, r.position,
                   case when r.match[1] in ('(', '[') then 1 when r.match[1] in (')', ']') then -1 else 0 end as step
            from regexp_matches(ddl, '(''(?:[^'']|'''')*''|"(?:[^"]|"")*"|[][()]|[^][''"()]+)', 'g')
                with ordinality as r (match, position)
        ) as m
        window w as (order by m.position)
    ) as t;
end;

comment on function freehold._repair_mask(text) is
    'A deparsed statement, as long as it was, with # for all that stands in quotes or parentheses: what is left are its words.';
