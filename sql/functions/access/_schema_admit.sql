-- Gives runtime roles USAGE of their schema, or takes it away: what ends with it is every right of theirs at once, in sessions
-- that are inside already as well. Only where something is to be changed, as the cell borrows the owner's role for it.
create or replace function freehold._schema_admit(tenant freehold.tenant, admit boolean) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), tenant.cell);
    v_ns constant oid := to_regnamespace(quote_ident(tenant.schema_name));
    v_roles text;
begin
    select string_agg(quote_ident(r.role), ', ') into v_roles
    from freehold._runtime_roles(tenant) as r
    join pg_roles as g on g.rolname = r.role
    where has_schema_privilege(g.oid, v_ns, 'usage') <> admit;
    if v_roles is null then
        return;
    end if;
    perform freehold._cell_run(tenant.cell, format(
        case when admit then 'grant %1$I to %2$I%3$s; grant usage on schema %4$I to %5$s; revoke %1$I from %2$I'
             else 'grant %1$I to %2$I%3$s; revoke usage on schema %4$I from %5$s; revoke %1$I from %2$I' end,
        tenant.owner_role, v_cell, freehold._membership(true, false), tenant.schema_name, v_roles));
    perform freehold._membership_assert(tenant.owner_role, v_cell);
end
$$;
