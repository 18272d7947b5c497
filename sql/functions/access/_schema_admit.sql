-- Gives runtime roles USAGE of their schema, or takes it away: what ends with it is every right of theirs at once, in sessions
-- that are inside already as well. Only where something is to be changed, as the cell borrows the owner's role for it.
create or replace function freehold._schema_admit(tenant freehold.tenant, admit boolean) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
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
    perform freehold._borrow_run(tenant.cell, array[quote_ident(tenant.owner_role)::regrole], format(
        case when admit then 'grant usage on schema %I to %s' else 'revoke usage on schema %I from %s' end,
        tenant.schema_name, v_roles));
end
$$;
