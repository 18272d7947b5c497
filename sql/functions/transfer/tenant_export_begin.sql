-- security definer: gives the session's login the role of the tenant's owner until tenant_export_end(), in the same transaction.
-- Touches: tenant (row lock, shared: what changes the tenant waits), operation (one row). Where a table hides rows from its owner that is
-- lifted until then, which locks the table.
--
-- The rows are read by COPY of a table as its owner: nothing of the schema's own code takes part in that, not even an index's
-- expression, which planning a query would evaluate.
create or replace function freehold.tenant_export_begin(slug text) returns jsonb
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant;
    v_ns oid;
    v_lift record;
    v_manifest jsonb;
    v_operation bigint;
begin
    if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
        raise exception 'an export takes one snapshot'
            using errcode = 'FH003', detail = format('The transaction is %s.', current_setting('transaction_isolation')),
                  hint = 'begin isolation level repeatable read;';
    end if;
    v_tenant := freehold._tenant_lock(slug, shared => true);
    if v_tenant.state not in ('active', 'suspended', 'retired') then
        raise exception 'tenant "%" is %', slug, v_tenant.state
            using errcode = 'FH202', detail = 'Only a tenant that is whole can be exported.';
    end if;
    v_ns := quote_ident(v_tenant.schema_name)::regnamespace;
    perform freehold._schema_check(v_ns);
    v_manifest := freehold._export_manifest(v_tenant);
    select * into v_lift from freehold._rows_lift(v_ns);
    if v_lift.lift is not null then
        perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, v_lift.lift);
    end if;
    perform freehold._session_home(v_tenant, session_user, true);
    v_operation := freehold._transfer_begin('export', v_tenant, jsonb_build_object('restore', v_lift.restore));
    return jsonb_build_object(
        'operation', v_operation,
        'manifest', v_manifest,
        'settings', jsonb_build_array(
            array['search_path', format('%I, pg_catalog, pg_temp', v_tenant.schema_name)],
            array['row_security', 'off'], array['client_encoding', 'UTF8'], array['datestyle', 'ISO, MDY'],
            array['intervalstyle', 'postgres'], array['timezone', 'UTC'], array['bytea_output', 'hex'], array['extra_float_digits', '1'],
            array['lc_monetary', 'C'], array['statement_timeout', '0'], array['role', v_tenant.owner_role]),
        'tables', (
            select coalesce(jsonb_agg(jsonb_build_object('name', t.name, 'copy', format(
                'copy %I.%I%s to stdout', v_tenant.schema_name, t.name,
                (select format(' (%s)', string_agg(quote_ident(u.name), ', ' order by u.n))
                 from unnest(t.columns) with ordinality as u (name, n) having count(*) > 0)))), '[]')
            from freehold._export_tables(v_ns) as t),
        'sequences', (
            select coalesce(jsonb_agg(jsonb_build_object('name', c.relname, 'query', format(
                'select s.last_value, s.is_called from %I.%I as s', v_tenant.schema_name, c.relname)) order by c.relname), '[]')
            from freehold._ddl_relation(v_ns) as r
            join pg_class as c on c.oid = r.relid
            where r.relkind = 'S'));
end
$$;

comment on function freehold.tenant_export_begin(text) is
    'Begins an export, in a transaction that is repeatable read: what the file says first (manifest), what to set with '
    'set_config(..., true), the COPY of each table and the query of each sequence, sequences last. The login may set the owner''s role '
    'until tenant_export_end(), without which the transaction cannot be committed. Until then nothing else changes the tenant; its '
    'rows can be written. Raises FH003 in another transaction, FH006 naming what cannot be carried, FH101, FH202 for a tenant that is '
    'not whole, FH401 when busy.';
