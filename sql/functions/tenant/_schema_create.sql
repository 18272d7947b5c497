-- A schema with its owner and runtime role, made by a cell. Two roles at rest; both are in the tenants' group, which
-- holds CONNECT and what shared things a DBA grants it. The control plane may use the schema, to deparse it, not its tables.
create or replace function freehold._schema_create(cell integer, schema_name name, owner_role name, rw_role name) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
begin
    perform freehold._cell_run(cell, format(
        'create role %1$I nologin;
         create role %2$I nologin;
         grant %3$I to %1$I, %2$I%8$s;
         grant %1$I to %4$I%6$s;
         create schema %5$I authorization %1$I;
         grant usage on schema %5$I to %7$I;
         revoke %1$I from %4$I',
        owner_role, rw_role, freehold._role('tenant'), v_cell, schema_name, freehold._membership(true, true),
        freehold._role('owner'), freehold._membership(true, false)));
end
$$;
