-- Gives a tenant's schema and roles the names of the second row, and what goes by the old ones: the paths that functions and
-- logins have set. No code of the schema runs on the way.
create or replace function freehold._schema_rename(tenant freehold.tenant, renamed freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_paths constant text := freehold._schema_paths(quote_ident(tenant.schema_name)::regnamespace, renamed.schema_name);
    v_roles text;
begin
    if v_paths is not null then
        perform freehold._borrow_run(tenant.cell, array[tenant.owner_role], v_paths);
    end if;
    perform freehold._schema_put(tenant.cell, renamed.schema_name, tenant.owner_role, tenant.schema_name);
    select string_agg(concat_ws('; ',
        format('alter role %I rename to %I', r.role, n.role),
        case when r.login then freehold._login_path(n.role, renamed.schema_name) end), '; ')
    into v_roles
    from freehold._runtime_roles(tenant) as r
    join freehold._runtime_roles(renamed) as n using (access);
    perform freehold._cell_run(tenant.cell, concat_ws('; ',
        format('alter role %I rename to %I', tenant.owner_role, renamed.owner_role), v_roles));
end
$$;
