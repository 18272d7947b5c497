-- Gives a tenant a reader, where it has none, and the reader its reading function. The tenant's row is locked.
-- Touches: tenant, operation (one row each) where a reader is made.
create or replace function freehold._reading_make(tenant freehold.tenant) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if tenant.ro_role is null then
        tenant := freehold.reader_create(tenant.slug);
    end if;
    if to_regproc(format('freehold_runner.%I', freehold._reading_name(tenant.id))) is null then
        perform freehold._borrow_run(tenant.cell, array[quote_ident(tenant.ro_role), quote_ident(tenant.owner_role)]::regrole[],
                                     freehold._reading_script(tenant));
    end if;
    if has_schema_privilege(tenant.ro_role, tenant.schema_name, 'create') then
        raise exception 'role "%" may create in its schema', tenant.ro_role
            using errcode = 'FH501', detail = 'That was revoked, and is still so.';
    end if;
end
$$;
