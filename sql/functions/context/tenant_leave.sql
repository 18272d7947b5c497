-- security invoker without a SET clause: tenant_enter() says why. It looks no name up.
create or replace function freehold.tenant_leave() returns void
    language plpgsql volatile security invoker
as $$
begin
    -- Lest one expression in a query leave a tenant and enter another: _context_open() reads it.
    if current_user operator(pg_catalog.<>) session_user then
        execute pg_catalog.format('set local freehold.left_role = %L', current_user);
    end if;
    set local role none;
    set local search_path = pg_catalog, pg_temp;
    set local freehold.actor = '';
end
$$;

comment on function freehold.tenant_leave() is
    'Ends the context of tenant_enter() before the transaction does. No error when there is none. A read-only transaction stays one, and '
    'no other tenant is entered in it.';
