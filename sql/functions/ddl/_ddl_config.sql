-- Of a search_path the elements that name the schema follow it to its new name. The names listed are those whose value
-- PostgreSQL stores as a list of quoted identifiers.
create or replace function freehold._ddl_config(ns oid, config text[])
returns text
language sql
stable
begin atomic
    select string_agg(
        format(
            E'\nset %I to %s',
            c.name,
            case
                when c.name in (
                    'search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries',
                    'shared_preload_libraries', 'unix_socket_directories')
                    then coalesce((
                        select string_agg(
                            case
                                when c.name = 'search_path' and e.element = n.nspname
                                    then freehold._ddl_schema()
                                else quote_literal(e.element)
                            end,
                            ', ' order by e.position)
                        from (
                            select
                                m.position,
                                case
                                    when m.match[1] like '"%' then replace(substr(m.match[1], 2, length(m.match[1]) - 2), '""', '"')
                                    else m.match[1]
                                end
                            from regexp_matches(c.value, '"(?:[^"]|"")*"|[^," ]+', 'g')
                                with ordinality m (match, position)
                        ) e (position, element)
                    ), '''''')
                else quote_literal(c.value)
            end),
        '' order by c.position)
    from (
        select
            u.position,
            split_part(u.setting, '=', 1),
            substr(u.setting, position('=' in u.setting) + 1)
        from unnest(config) with ordinality u (setting, position)
    ) c (position, name, value)
    cross join pg_namespace n
    where n.oid = ns;
end;

comment on function freehold._ddl_config(oid, text[]) is 'The SET clauses of a function.';
