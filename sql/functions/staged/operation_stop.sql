-- security definer: the table is the owner's. Touches: operation (one row).
create or replace function freehold.operation_stop(id bigint, sqlstate text, message text) returns freehold.operation
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    update freehold.operation as o
    set state = 'failed', finished_at = freehold._now(), error_code = left(operation_stop.sqlstate, 5),
        error_message = left(operation_stop.message, 2000)
    where o.id = operation_stop.id and o.staged and o.state = 'running'
    returning *
$$;

comment on function freehold.operation_stop(bigint, text, text) is
    'Records why a staged operation stopped: a client calls it, in a new transaction, when a step has raised. It can still be resumed.';
