-- security definer: works in tenants' schemas through a cell. Touches: operation, tenant (one row each), operation_script.
create or replace function freehold.operation_undo_step(id bigint) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_operation freehold.operation := freehold.operation_get(id);
    v_tenant freehold.tenant;
begin
    if not v_operation.staged or v_operation.kind not in ('provision', 'clone') or v_operation.state = 'done' then
        raise exception 'operation % cannot be undone', id
            using errcode = 'FH202', detail = format('It is a %s that is %s.', v_operation.kind, v_operation.state),
                  hint = case when v_operation.kind = 'erase' then 'What is erased is gone: call freehold.operation_resume(id) ends it.'
                              else 'Only a provision or clone in stages that has not ended can be.' end;
    end if;
    v_tenant := freehold._tenant_lock(v_operation.slug);
    if v_tenant.id <> v_operation.tenant_id or v_tenant.state not in ('provisioning', 'erasing') then
        raise exception 'operation % cannot be undone', id
            using errcode = 'FH202', detail = format('Tenant "%s" is %s.', v_tenant.slug, v_tenant.state);
    end if;
    update freehold.operation as o
    set state = 'undone', finished_at = coalesce(o.finished_at, freehold._now()), error_code = null
    where o.id = operation_undo_step.id and o.state <> 'undone';
    delete from freehold.operation_script as s where s.operation_id = operation_undo_step.id;
    return freehold._erase_step(v_tenant, freehold._operation_open(v_tenant.slug, 'erase'), format('undo of operation %s', id));
end
$$;

comment on function freehold.operation_undo_step(bigint) is
    'One transaction''s worth of taking a staged provision or clone back: an erasure of what was made. Call it until the operation it '
    'returns is no longer running. Raises FH103 for an unknown id, FH202 for what cannot be undone.';
