-- Refuses a schema that cannot become a template.
create or replace function freehold._adopt_check(schema regnamespace) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from pg_namespace as n where n.oid = schema) then
        raise exception 'there is no schema %', schema using errcode = 'FH106';
    end if;
    if schema = 'freehold'::regnamespace or schema::text ~ '^(pg_|information_schema$)' then
        raise exception 'schema % cannot be adopted', schema using errcode = 'FH003';
    end if;
    perform freehold._schema_check(schema);
end
$$;
