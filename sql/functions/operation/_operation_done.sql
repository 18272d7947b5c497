-- One row for what began and ended in this transaction.
create or replace function freehold._operation_done(kind text, tenant_id uuid, slug text, started_at timestamptz, detail jsonb)
    returns void
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into freehold.operation (kind, tenant_id, slug, actor, state, started_at, finished_at, detail)
    values (kind, tenant_id, slug, freehold.actor_current(), 'done', started_at, freehold._now(),
            jsonb_strip_nulls(detail || jsonb_build_object('reason', freehold._reason_checked(detail ->> 'reason'))));
end;
