-- PostgreSQL prints names bare where the search_path allows, but for a table that a CTE hides (with ticket as (select ...
-- from ticket)), functions called cube and rollup, and constants of type regnamespace. Those follow the schema here, token
-- by token, so that literals, quoted names and bodies are left alone. Where the schema's name also serves as an alias, a
-- prefix counts as the schema's only in the places where no column can stand.
create or replace function freehold._ddl_bare(ns oid, ddl text)
returns text
language sql
stable
begin atomic
    select case
        when position(n.prefix in ddl) = 0 and position('::reg' in ddl) = 0 then ddl
        else (
            select string_agg(
                case
                    when t.token = n.prefix and t.before !~ '\.$'
                        and (
                            not t.alias
                            or t.word in ('FROM', 'JOIN', 'ONLY', 'INTO', 'UPDATE', 'USING', 'COLLATE', '::', 'OPERATOR')
                            or (t.word = ',' and position(t.after1 || ' AS (' in ddl) > 0)
                            or t.after2 = '(')
                        then freehold._ddl_schema() || '.'
                    when t.token = n.literal and t.after1 = '::' and t.after2 = 'regnamespace'
                        then quote_literal(freehold._ddl_schema())
                    when t.token like n.literal_like and t.after1 = '::' and t.after2 like 'reg%'
                        then left(quote_literal(freehold._ddl_schema() || '.'), -1)
                            || substr(t.token, length(n.literal) + 1)
                    else t.token
                end,
                '' order by t.position)
            from (
                select
                    m.token,
                    m.position,
                    lag(m.token, 1, '') over w,
                    lead(m.token, 1, '') over w,
                    lead(m.token, 2, '') over w,
                    upper(coalesce(
                        nullif(rtrim(lag(m.token, 1) over w, E' \t\n('), ''),
                        nullif(rtrim(lag(m.token, 2) over w, E' \t\n('), ''),
                        nullif(rtrim(lag(m.token, 3) over w, E' \t\n('), ''),
                        nullif(rtrim(lag(m.token, 4) over w, E' \t\n('), ''),
                        '')),
                    bool_or(m.token = n.name) over ()
                from (
                    select r.match[1], r.position
                    from regexp_matches(
                        ddl,
                        '(''(?:[^'']|'''')*''|"(?:[^"]|"")*"\.?|[[:alpha:]_][[:alnum:]_$]*\.?|::|\s+|.)',
                        'g') with ordinality r (match, position)
                ) m (token, position)
                window w as (order by m.position)
            ) t (token, position, before, after1, after2, word, alias)
        )
    end
    from (
        select
            quote_ident(s.nspname::text),
            quote_ident(s.nspname::text) || '.',
            quote_literal(quote_ident(s.nspname::text)),
            replace(replace(replace(
                rtrim(quote_literal(quote_ident(s.nspname::text)), ''''), '\', '\\'), '_', '\_'), '%', '\%') || '.%'
        from pg_namespace s
        where s.oid = ns
    ) n (name, prefix, literal, literal_like);
end;

comment on function freehold._ddl_bare(oid, text) is
    'A deparsed statement in which the names that PostgreSQL qualified against our wish follow the schema.';
