-- One transaction's worth of a tenant's erasure, its row being locked: what the lock table takes. The first one begins it.
-- Touches: tenant, operation (one row each), break_glass, what _erase_rows() does.
create or replace function freehold._erase_step(tenant freehold.tenant, operation freehold.operation, reason text default null)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_roles constant name[] := freehold._tenant_roles(tenant);
    v_role_ids constant oid[] := array(select r.oid from pg_roles as r where r.rolname = any (v_roles));
    v_ns constant oid := to_regnamespace(quote_ident(tenant.schema_name));
    v_begun constant boolean := operation.id is null;
    v_batch freehold.operation;
    v_residue text[];
    v_rows jsonb;
begin
    -- At the beginning, and again before every batch. What may not be erased in its state is told that.
    if tenant.state in ('provisioning', 'retired', 'erasing') then
        perform freehold._hold_check(tenant);
    end if;
    if v_begun then
        operation := freehold._erase_begin('erase', tenant, reason);
        if tenant.state <> 'erasing' then
            tenant := freehold._tenant_transition(tenant, 'erasing', reason);
        end if;
    end if;
    -- What staff had opened was closed when it was retired: the roles go.
    perform freehold._break_glass_expire(tenant.id);
    v_batch := freehold._erase_run(tenant, operation, v_begun);
    if v_batch.id is not null then
        return v_batch;
    end if;
    tenant := freehold._tenant_transition(tenant, 'erased');
    update freehold.tenant as t
    set erased_at = freehold._now(), display_name = null, external_id = null, external_id_key = null, settings = '{}', limits = '{}',
        audit_reads = false, template = null, template_version = null, base_version = null, state_reason = null, suspension = null
    where t.id = tenant.id
    returning * into tenant;
    perform freehold._audit_drop(tenant.id);
    v_rows := freehold._erase_rows(tenant);
    v_residue := array(select r.what from freehold._erase_residue(tenant, v_role_ids, v_ns) as r order by r.what);
    return freehold._operation_end(operation.id, jsonb_build_object(
        'residue', v_residue, 'control_rows', v_rows, 'after', freehold._erase_counts(v_ns, v_role_ids),
        'lsn_done', pg_current_wal_lsn()));
end
$$;
