-- Begins an erasure: nothing outside depends on the schema, and the operation's row says what there is.
-- Touches: operation (one new row).
create or replace function freehold._erase_begin(kind text, tenant freehold.tenant, reason text default null)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_operation freehold.operation;
begin
    perform freehold._outside_check(tenant.schema_name, freehold._tenant_roles(tenant));
    v_operation.id := freehold._operation_begin(kind, tenant.id, tenant.slug, jsonb_build_object(
        'reason', reason,
        'inventory', (select coalesce(jsonb_object_agg(i.kind, i.n), '{}')
                      from (select o.kind, count(*) as n
                            from freehold._schema_object(to_regnamespace(quote_ident(tenant.schema_name))) as o
                            group by o.kind) as i)));
    update freehold.operation as o set staged = true where o.id = v_operation.id returning * into v_operation;
    return v_operation;
end
$$;
