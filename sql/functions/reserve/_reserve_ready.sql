-- Ends a schema whose batches have run: from now on it is handed out.
-- Touches: reserve, operation (one row each).
create or replace function freehold._reserve_ready(reserve freehold.reserve) returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_reserve freehold.reserve;
begin
    update freehold.reserve as r
    set claim = freehold._reserve_script(reserve), publications = freehold._publication_list(reserve.template, reserve.version),
        made_at = freehold._now(), operation_id = null
    where r.id = reserve.id
    returning * into v_reserve;
    return freehold._operation_end(reserve.operation_id, to_jsonb(v_reserve) - 'operation_id');
end
$$;
