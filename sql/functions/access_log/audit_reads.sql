-- security definer: alters roles through a cell. Touches: tenant, operation (one row each).
create or replace function freehold.audit_reads(slug text, enabled boolean) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_started constant timestamptz := freehold._now();
begin
    if enabled is null then
        raise exception 'reads are logged or not, not null' using errcode = 'FH003';
    end if;
    if v_tenant.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', slug, v_tenant.state
            using errcode = 'FH202', detail = 'Only the reads of an active or suspended tenant can be logged.';
    end if;
    if enabled or v_tenant.audit_reads then
        perform freehold._reads_allow(v_tenant.cell);
        perform freehold._cell_run(v_tenant.cell, freehold._reads_script(r.role, enabled)) from freehold._runtime_roles(v_tenant) as r;
    end if;
    update freehold.tenant as t
    set audit_reads = enabled, changed_at = freehold._now()
    where t.id = v_tenant.id
    returning * into v_tenant;
    perform freehold._operation_done('audit_reads', v_tenant.id, slug, v_started, jsonb_build_object('enabled', enabled));
    perform pg_notify('freehold_tenant', '');
    return v_tenant;
end
$$;

comment on function freehold.audit_reads(text, boolean) is
    'Has pgaudit write each statement with which a tenant''s runtime roles read to the server''s log, or no longer: in the tenant''s '
    'transactions from now on, in other sessions of its logins from their next login on. A login of its own cannot switch it off; SQL '
    'in the transaction of a gate''s login can, by reset all. Raises FH101 for an unknown slug, FH202 unless it is active or '
    'suspended, FH004 where pgaudit is not loaded, FH303 where no superuser has allowed it.';
