-- What makes a schema that belongs to owner_role, as a role that has that one's rights. The control plane may use the schema, to
-- deparse it.
create or replace function freehold._schema_script(schema_name name, owner_role name) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return format('create schema %1$I authorization %2$I; grant usage on schema %1$I to %3$I',
                  schema_name, owner_role, freehold._role('owner'));
end
$$;
