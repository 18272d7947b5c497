-- The next batch of an erasure that has begun, in this transaction where it says so. Null when that was the last: schema and roles
-- are gone. The whole is asked for what depends on it once before anything is dropped, and again before the last batch.
-- Touches: operation (one row).
create or replace function freehold._erase_run(tenant freehold.tenant, operation freehold.operation, begun boolean)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
declare
    v_roles constant name[] := freehold._tenant_roles(tenant);
    v_ns constant oid := to_regnamespace(quote_ident(tenant.schema_name));
    v_batch record;
    v_operation freehold.operation;
begin
    if begun then
        perform freehold._outside_check(tenant.schema_name, v_roles);
    end if;
    select * into v_batch from freehold._erase_batch(v_ns);
    if v_batch.statement is null and freehold._audit_thin(freehold._audit_home(v_ns)) then
        update freehold.operation as o set stepped_at = freehold._now() where o.id = operation.id returning * into v_operation;
        return v_operation;
    end if;
    -- Something may have come to depend on it since: on what this batch drops or, where that is the last, on the whole.
    if not begun then
        perform freehold._outside_check(tenant.schema_name, v_roles, v_batch.tables);
    end if;
    if v_batch.statement is null then
        perform freehold._schema_drop(tenant.cell, tenant.schema_name, v_roles);
        return null;
    end if;
    perform freehold._owner_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_batch.statement);
    update freehold.operation as o
    set detail = jsonb_set(o.detail, '{dropped}', to_jsonb(
            coalesce((o.detail ->> 'dropped')::integer, 0) + coalesce(cardinality(v_batch.tables), 0))),
        stepped_at = freehold._now()
    where o.id = operation.id
    returning * into v_operation;
    return v_operation;
end
$$;

-- As it was called before it asked for what is outside at the beginning too.
drop function if exists freehold._erase_run(freehold.tenant, freehold.operation);
