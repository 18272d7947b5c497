-- Begins an erasure: the operation's row says what there is. That nothing outside depends on the schema is asked by _erase_run(), in
-- the same transaction, right before anything is dropped. A tenant's gets a task for each registered eraser; one that never was in
-- service has nothing elsewhere. Touches: operation, erasure_task (new rows), eraser (read).
create or replace function freehold._erase_begin(kind text, tenant freehold.tenant, reason text default null)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_ns constant oid := to_regnamespace(quote_ident(tenant.schema_name));
    v_roles constant name[] := freehold._tenant_roles(tenant);
    v_role_ids constant oid[] := array(select r.oid from pg_roles as r where r.rolname = any (v_roles));
    v_operation freehold.operation;
begin
    v_operation.id := freehold._operation_begin(kind, tenant.id, tenant.slug, jsonb_build_object(
        'reason', reason,
        'inventory', (select coalesce(jsonb_object_agg(i.kind, i.n), '{}')
                      from (select o.kind, count(*) as n
                            from freehold._schema_object(v_ns) as o
                            group by o.kind) as i)));
    if kind = 'erase' then
        update freehold.operation as o
        set detail = o.detail || jsonb_build_object(
            'ids', jsonb_build_object('schema', v_ns, 'roles', v_role_ids),
            'lsn_begun', pg_current_wal_lsn(),
            'fingerprint', freehold._erase_fingerprint(tenant.schema_name),
            'seen', freehold._erase_rows_seen(tenant),
            'before', freehold._erase_counts(v_ns, v_role_ids))
        where o.id = v_operation.id;
        insert into freehold.erasure_task (operation_id, eraser, tenant_id, changed_at, changed_by)
        select v_operation.id, e.name, tenant.id, freehold._now(), freehold.actor_current()
        from freehold.eraser as e
        where tenant.state <> 'provisioning';
    end if;
    update freehold.operation as o set staged = true where o.id = v_operation.id returning * into v_operation;
    return v_operation;
end
$$;
