create or replace function freehold._operation_begin(kind text, tenant_id uuid, slug text, detail jsonb default '{}') returns bigint
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into freehold.operation (kind, tenant_id, slug, actor, started_at, detail)
    values (kind, tenant_id, slug, freehold.actor_current(), freehold._now(),
            jsonb_strip_nulls(detail || jsonb_build_object('reason', freehold._reason_checked(detail ->> 'reason'))))
    returning id;
end;
