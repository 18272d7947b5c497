-- What a schema's DDL was, as one hash; null where it cannot be read, which must not keep it from being erased.
create or replace function freehold._erase_fingerprint(schema_name name) returns text
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return freehold.schema_fingerprint(quote_ident(schema_name)::regnamespace);
exception
    when others then
        if sqlstate ~ '^(53|57)' then
            raise;
        end if;
        return null;
end
$$;
