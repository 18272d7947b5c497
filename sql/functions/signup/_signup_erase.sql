-- Takes the tenant of a sign-up back, its members with it: as many batches as a third of the lock table's room takes. True when it is
-- gone. Touches: tenant, operation (one row each), what an erasure does.
create or replace function freehold._signup_erase(signup freehold.signup) returns boolean
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_budget constant bigint := freehold._lock_room() / 3;
    v_tenant freehold.tenant;
    v_operation freehold.operation;
begin
    select * into v_tenant from freehold.tenant as t where t.id = signup.tenant_id and t.state <> 'erased';
    if not found then
        return true;
    end if;
    v_tenant := freehold._tenant_lock(v_tenant.slug);
    if v_tenant.id <> signup.tenant_id then
        raise exception 'tenant "%" was renamed just now', v_tenant.slug using errcode = 'FH401', hint = 'Try again.';
    end if;
    if v_tenant.state = 'provisioning' then
        v_operation := freehold.operation_undo_step((freehold._operation_open(v_tenant.slug, 'provision')).id);
    else
        if v_tenant.state in ('active', 'suspended') then
            v_tenant := freehold.tenant_retire(v_tenant.slug, '0', signup.reason);
        end if;
        v_operation := freehold._erase_step(v_tenant, freehold._operation_open(v_tenant.slug, 'erase'), signup.reason);
    end if;
    while v_operation.state = 'running' and freehold._lock_count() < v_budget loop
        v_operation := freehold.operation_step(v_operation.id);
    end loop;
    return v_operation.state = 'done';
end
$$;
