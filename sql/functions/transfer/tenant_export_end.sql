-- security definer: takes the owner's role from the login. Touches: operation (one row).
create or replace function freehold.tenant_export_end(
    slug text, rows bigint, bytes bigint default null, sha256 text default null, recipient text default null
) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug, shared => true);
    v_id constant bigint := freehold._transfer_open('export', v_tenant, ending => true);
    v_operation freehold.operation;
    v_restore text;
begin
    perform freehold._session_home(v_tenant, session_user, false);
    select o.detail ->> 'restore' into v_restore from freehold.operation as o where o.id = v_id;
    v_operation := freehold._operation_end(v_id, jsonb_strip_nulls(jsonb_build_object(
        'rows', rows, 'bytes', bytes, 'sha256', sha256, 'encrypted', recipient is not null,
        'version', (select k.version from freehold.tenant_key as k
                    where k.recipient = tenant_export_end.recipient and k.tenant_id = v_tenant.id))));
    if v_restore is not null then
        perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, v_restore);
    end if;
    return v_operation;
end
$$;

comment on function freehold.tenant_export_end(text, bigint, bigint, text, text) is
    'Ends an export, after reset role: the login loses the owner''s role, and the operation tells rows, bytes, the file''s sha256 and '
    'which key encrypted it. Raises FH101, FH232 where none was begun in this transaction.';
