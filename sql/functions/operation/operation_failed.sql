-- security definer: the table is the owner's. Touches: operation (one row), tenant (read).
create or replace function freehold.operation_failed(kind text, slug text, sqlstate text, message text) returns freehold.operation
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    insert into freehold.operation
        (kind, tenant_id, slug, actor, state, started_at, finished_at, error_code, error_message)
    select left(operation_failed.kind, 40), t.id, left(operation_failed.slug, 63), freehold.actor_current(), 'failed',
           freehold._now(), freehold._now(), left(operation_failed.sqlstate, 5), left(operation_failed.message, 2000)
    from (values (1)) as one (row)
    left join freehold.tenant as t on t.slug = operation_failed.slug and t.state <> 'erased'
    returning *
$$;

comment on function freehold.operation_failed(text, text, text, text) is
    'Records a call that failed. A function''s own transaction takes its operation row back with it when it raises, so a client '
    'that wants the failure kept says so in a new transaction; the command line does.';
