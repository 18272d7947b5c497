-- What filling a reserve has to do: how many schemas to make, the one that was begun among them, and how many to drop. Begun is the
-- operation that makes one or drops it, and wanted whether what it makes still is.
create or replace function freehold._reserve_due(
    template text, version integer, size integer,
    out missing bigint, out surplus bigint, out begun bigint, out makes boolean, out wanted boolean
)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_ready bigint;
begin
    select count(*) filter (where r.operation_id is null and r.version = _reserve_due.version),
           count(*) filter (where r.operation_id is null and r.version <> _reserve_due.version),
           max(r.operation_id), coalesce(bool_or(o.kind = 'reserve_make'), false),
           coalesce(bool_or(o.kind = 'reserve_make' and r.version = _reserve_due.version), false)
    into v_ready, surplus, begun, makes, wanted
    from freehold.reserve as r
    left join freehold.operation as o on o.id = r.operation_id
    where r.template = _reserve_due.template;
    missing := greatest(size - v_ready, 0);
    wanted := wanted and missing > 0;
    surplus := surplus + greatest(v_ready - size, 0) + case when begun is null or wanted then 0 else 1 end;
end
$$;
