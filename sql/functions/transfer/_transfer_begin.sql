-- Begins what has to be ended in the same transaction: see _transfer_ended(), which is asked at COMMIT, though code that ran as an owner
-- leaves all constraints immediate. Touches: operation (one row).
create or replace function freehold._transfer_begin(kind text, tenant freehold.tenant, detail jsonb) returns bigint
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    set constraints freehold.operation_transfer deferred;
    return freehold._operation_begin(kind, tenant.id, tenant.slug, detail);
end
$$;
