-- Gives a login the role of a home's owner, or takes it back. For what a function cannot do: statements that
-- run outside a transaction, and steps in Python.
create or replace function freehold._session_home(home freehold.tenant, login name, admitted boolean) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_login constant regrole := quote_ident(login)::regrole;
begin
    perform freehold._cell_run(home.cell, case when admitted
        then format('grant %I to %s%s', home.owner_role, v_login, freehold._membership(false, true))
        else format('revoke %I from %s', home.owner_role, v_login) end);
    if not admitted and not (select r.rolsuper from pg_roles as r where r.oid = v_login) then
        perform freehold._membership_assert(array[quote_ident(home.owner_role)::regrole], login);
    end if;
end
$$;
