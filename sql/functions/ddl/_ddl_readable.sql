create or replace function freehold._ddl_readable(ddl text, ns regnamespace)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_text text := ddl;
    v_name record;
begin
    for v_name in select n.token, n.name from freehold._ddl_names(ns) n loop
        v_text := replace(v_text, v_name.token, quote_ident(v_name.name));
    end loop;
    return v_text;
end
$$;

comment on function freehold._ddl_readable(text, regnamespace) is 'A normal form with the names of one schema in it.';
