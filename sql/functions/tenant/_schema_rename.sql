-- Gives a tenant's schema and roles the names of the second row, and what goes by the old ones: the paths that functions and
-- logins have set. No code of the schema runs on the way.
create or replace function freehold._schema_rename(tenant freehold.tenant, renamed freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._schema_put(tenant.cell, renamed.schema_name, tenant.owner_role, tenant.schema_name,
        freehold._schema_paths(quote_ident(tenant.schema_name)::regnamespace, quote_ident(renamed.schema_name)), concat_ws('; ',
        format('alter role %I rename to %I', tenant.owner_role, renamed.owner_role),
        format('alter role %I rename to %I', tenant.rw_role, renamed.rw_role),
        case when tenant.rw_login then freehold._login_path(renamed.rw_role, renamed.schema_name) end,
        case when tenant.ro_role is not null then format('alter role %I rename to %I', tenant.ro_role, renamed.ro_role) end,
        case when tenant.ro_login then freehold._login_path(renamed.ro_role, renamed.schema_name) end,
        (select string_agg(freehold._login_path(g.login, renamed.schema_name), '; ')
         from freehold.break_glass as g
         join pg_roles as r on r.rolname = g.login
         where g.tenant_id = tenant.id and g.state = 'open')));
end
$$;
