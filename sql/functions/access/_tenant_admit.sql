-- Lets a tenant's runtime roles in: into the schema, through the gate of its cell and, where one has a login of its own, that way too.
create or replace function freehold._tenant_admit(tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate constant name := freehold._cell_name(freehold._role('gate_'), tenant.cell);
    v_runtime record;
begin
    perform freehold._schema_admit(tenant, true);
    for v_runtime in select r.role, r.login from freehold._runtime_roles(tenant) as r loop
        perform freehold._cell_run(tenant.cell, format('grant %I to %I%s', v_runtime.role, v_gate,
                                                       freehold._membership(false, true)));
        if v_runtime.login then
            perform freehold._cell_run(tenant.cell, format('alter role %I login', v_runtime.role));
        end if;
    end loop;
end
$$;
