create or replace function freehold._ddl_mention(body text, name text)
returns boolean
language sql
immutable
parallel safe
return case
    when position(lower(name) in lower(body)) = 0 then false
    else (
        select
            body ~ format('"%s"\s*\.', replace(n.escaped, '"', '""'))
            or (quote_ident(name) = name and body ~* format('(^|[^[:alnum:]_$"])%s\s*\.', n.escaped))
            or body ~ format('([''"]|\$[[:alnum:]_]*\$)%s([''"]|\$)', n.escaped)
            or body ~* format('search_path[^;]*[^[:alnum:]_$]"?%s($|[^[:alnum:]_$])', n.escaped)
        from (select regexp_replace(name, '([^[:alnum:]_ ])', '\\\1', 'g')) n (escaped)
    )
end;

comment on function freehold._ddl_mention(text, text) is
    'Whether a function''s body names a schema: before a dot, as a whole quoted text, or in a search_path.';
