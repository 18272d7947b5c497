-- One transaction's worth of a tenant's erasure, its row being locked: what the lock table takes. The first one begins it.
-- Touches: tenant, operation (one row each), tenant_migration, rollout_tenant, audit_log.
create or replace function freehold._erase_step(tenant freehold.tenant, operation freehold.operation, reason text default null)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_roles constant name[] := freehold._tenant_roles(tenant);
    v_role_ids constant oid[] := array(select r.oid from pg_roles as r where r.rolname = any (v_roles));
    v_batch freehold.operation;
    v_residue text[];
begin
    if operation.id is null then
        operation := freehold._erase_begin('erase', tenant, reason);
        if tenant.state <> 'erasing' then
            tenant := freehold._tenant_transition(tenant, 'erasing', reason);
        end if;
    end if;
    v_batch := freehold._erase_run(tenant, operation);
    if v_batch.id is not null then
        return v_batch;
    end if;
    tenant := freehold._tenant_transition(tenant, 'erased');
    update freehold.tenant as t
    set erased_at = freehold._now(), display_name = null, external_id = null, external_id_key = null, settings = '{}', limits = '{}',
        template = null, template_version = null, base_version = null, state_reason = null, suspension = null
    where t.id = tenant.id
    returning * into tenant;
    delete from freehold.tenant_migration as m where m.home_id = tenant.id;
    perform freehold._audit_drop(tenant.id);
    -- An error may quote what stood in its rows.
    update freehold.rollout_tenant as i set error_message = null where i.home_id = tenant.id and i.error_message is not null;
    v_residue := array(select r.what from freehold._erase_residue(tenant, v_role_ids) as r order by r.what);
    return freehold._operation_end(operation.id, jsonb_build_object('residue', v_residue));
end
$$;
