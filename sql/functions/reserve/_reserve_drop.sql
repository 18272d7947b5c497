-- One transaction's worth of dropping a ready-made schema, whole or half made; the first one begins it. From then on nobody gets it.
-- Touches: reserve, operation (one row each).
create or replace function freehold._reserve_drop(reserve freehold.reserve, operation freehold.operation, reason text default null)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_begun constant boolean := operation.id is null;
    v_batch freehold.operation;
begin
    if v_begun then
        operation.id := freehold._operation_begin('reserve_drop', null, reserve.template,
            to_jsonb(reserve) - 'operation_id' || jsonb_build_object('reason', reason));
        -- What takes another back is resumed by whoever asked for that, though it ends at once.
        update freehold.operation as o set staged = true where o.id = operation.id and reason is not null;
        update freehold.reserve as r set operation_id = operation.id where r.id = reserve.id;
    end if;
    v_batch := freehold._erase_run(freehold._reserve_tenant(reserve), operation, v_begun);
    if v_batch.id is not null then
        update freehold.operation as o set staged = true where o.id = operation.id returning * into v_batch;
        return v_batch;
    end if;
    perform freehold._audit_drop(reserve.tenant_id);
    delete from freehold.reserve as r where r.id = reserve.id;
    return freehold._operation_end(operation.id);
end
$$;
