-- The statements, for its cell, that let a tenant's runtime roles in through the gate and, where one has a login of its own,
-- that way too.
create or replace function freehold._gate_admission(tenant freehold.tenant) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return concat_ws('; ',
        format('grant %s to %I%s', concat_ws(', ', quote_ident(tenant.rw_role), quote_ident(tenant.ro_role)),
               freehold._cell_name(freehold._role('gate_'), tenant.cell), freehold._membership(false, true)),
        case when tenant.rw_login then format('alter role %I login', tenant.rw_role) end,
        case when tenant.ro_login then format('alter role %I login', tenant.ro_role) end);
end
$$;
