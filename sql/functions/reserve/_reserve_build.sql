-- The next batch of a schema that is being filled; the last one finishes it.
-- Touches: operation, reserve (one row each), operation_script.
create or replace function freehold._reserve_build(reserve freehold.reserve) returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_script text;
    v_operation freehold.operation;
begin
    select s.ddl into v_script
    from freehold.operation as o
    join freehold.operation_script as s on s.operation_id = o.id and s.ordinal = (o.detail ->> 'done')::bigint + 1
    where o.id = reserve.operation_id;
    perform freehold._owner_run(reserve.cell, reserve.schema_name, reserve.owner_role, v_script);
    update freehold.operation as o
    set state = 'running', finished_at = null, error_code = null, error_message = null, stepped_at = freehold._now(),
        detail = o.detail || jsonb_build_object('done', (o.detail ->> 'done')::bigint + 1)
    where o.id = reserve.operation_id
    returning * into v_operation;
    if (v_operation.detail ->> 'done')::bigint < (v_operation.detail ->> 'total')::bigint then
        return v_operation;
    end if;
    delete from freehold.operation_script as s where s.operation_id = v_operation.id;
    return freehold._reserve_ready(reserve);
end
$$;
