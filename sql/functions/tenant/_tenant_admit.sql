-- Lets a tenant's runtime role in: through the gate of its cell and, where it has a login of its own, that way too.
create or replace function freehold._tenant_admit(tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate constant name := freehold._cell_name(freehold._role('gate_'), tenant.cell);
begin
    perform freehold._cell_run(tenant.cell, format('grant %I to %I%s', tenant.rw_role, v_gate,
                                                   freehold._membership(false, true)));
    if tenant.login then
        perform freehold._cell_run(tenant.cell, format('alter role %I login', tenant.rw_role));
    end if;
end
$$;
