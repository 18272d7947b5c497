-- One transaction's worth of an erasure, the tenant's row being locked: what the lock table takes. The first one begins it.
-- Touches: tenant, operation (one row each).
create or replace function freehold._erase_step(tenant freehold.tenant, operation freehold.operation, reason text default null)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
declare
    v_roles constant name[] := freehold._tenant_roles(tenant);
    v_role_ids constant oid[] := array(select r.oid from pg_roles as r where r.rolname = any (v_roles));
    v_ns constant oid := to_regnamespace(quote_ident(tenant.schema_name));
    v_batch record;
    v_residue text[];
begin
    if operation.id is null then
        perform freehold._outside_check(tenant.schema_name, v_roles);
        if tenant.state <> 'erasing' then
            tenant := freehold._tenant_transition(tenant, 'erasing', reason);
        end if;
        operation.id := freehold._operation_begin('erase', tenant.id, tenant.slug, jsonb_build_object(
            'reason', reason,
            'inventory', (select coalesce(jsonb_object_agg(i.kind, i.n), '{}')
                          from (select o.kind, count(*) as n from freehold._schema_object(v_ns) as o group by o.kind) as i)));
        update freehold.operation as o set staged = true where o.id = operation.id returning * into operation;
    end if;

    select * into v_batch from freehold._erase_batch(v_ns);
    if v_batch.statement is not null then
        -- Something may have come to depend on it since; of the rest, the whole is asked at the end.
        perform freehold._outside_check(tenant.schema_name, v_roles, v_batch.tables);
        perform freehold._owner_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_batch.statement);
        update freehold.operation as o
        set detail = jsonb_set(o.detail, '{dropped}', to_jsonb(
                coalesce((o.detail ->> 'dropped')::integer, 0) + coalesce(cardinality(v_batch.tables), 0))),
            stepped_at = freehold._now()
        where o.id = operation.id
        returning * into operation;
        return operation;
    end if;

    perform freehold._outside_check(tenant.schema_name, v_roles);
    perform freehold._schema_drop(tenant.cell, tenant.schema_name, v_roles);
    tenant := freehold._tenant_transition(tenant, 'erased');
    update freehold.tenant as t
    set erased_at = freehold._now(), display_name = null, external_id = null, external_id_key = null, settings = '{}',
        template = null, template_version = null, state_reason = null, suspension = null
    where t.id = tenant.id
    returning * into tenant;
    v_residue := array(select r.what from freehold._erase_residue(tenant, v_role_ids) as r order by r.what);
    return freehold._operation_end(operation.id, jsonb_build_object('residue', v_residue));
end
$$;
