create or replace function freehold._operation_end(id bigint, detail jsonb default '{}') returns freehold.operation
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    update freehold.operation as o
    set state = 'done', finished_at = freehold._now(), detail = o.detail || _operation_end.detail
    where o.id = _operation_end.id
    returning o.*;
end;
