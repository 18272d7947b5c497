-- Makes a ready-made schema a tenant's: its names, and the way in through the gate.
create or replace function freehold._reserve_claim(reserve freehold.reserve, tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_made freehold.tenant;
begin
    if reserve.claim is not null then
        perform freehold._cell_run(tenant.cell, format(
            reserve.claim, quote_ident(tenant.schema_name), quote_ident(tenant.owner_role), quote_ident(tenant.rw_role)));
        perform freehold._membership_assert(array[quote_ident(tenant.owner_role)::regrole],
                                            freehold._cell_name(freehold._role('cell_'), tenant.cell));
        return;
    end if;
    v_made := freehold._reserve_tenant(reserve);
    if v_made.schema_name <> tenant.schema_name then
        perform freehold._schema_rename(v_made, tenant);
    end if;
    perform freehold._tenant_admit(tenant);
end
$$;
