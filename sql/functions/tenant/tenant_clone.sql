-- security definer: makes roles and a schema through a cell, and lets the copy's owner read the source for the length of
-- this transaction. Touches: tenant (one new row, the source's row lock shared), operation (one row).
create or replace function freehold.tenant_clone(
    source text,
    target text,
    with_data boolean default true,
    mask boolean default false,
    display_name text default null,
    external_id text default null
) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    c_staged constant text := 'call freehold.tenant_clone_staged()';
    v_source freehold.tenant;
    v_tenant freehold.tenant;
    v_operation bigint;
    v_pre text;
    v_post text;
    v_audit text;
    v_rows text[];
    v_sequences text[];
    v_statements bigint;
    v_masks freehold._mask_column_row[];
begin
    v_source := freehold._clone_source(source);
    if mask and with_data then
        v_masks := freehold._mask_check(v_source);
    end if;
    v_tenant := freehold._clone_register(v_source, target, display_name, external_id);
    v_operation := freehold._operation_begin('clone', v_tenant.id, target, jsonb_build_object(
        'source', source, 'source_id', v_source.id, 'with_data', with_data, 'mask', mask, 'cell', v_tenant.cell));
    select string_agg(d.ddl, E';\n' order by d.ordinal) filter (where d.phase = 'pre'),
           string_agg(d.ddl, E';\n' order by d.ordinal) filter (where d.phase = 'post'),
           string_agg(d.ddl, E';\n' order by d.ordinal) filter (where d.phase = 'audit'),
           array_agg(freehold._mask_rows(v_source, v_masks, d.ddl) order by d.ordinal) filter (where d.kind = 'rows'),
           array_agg(d.ddl order by d.ordinal) filter (where d.kind = 'sequence value'),
           count(*)
    into v_pre, v_post, v_audit, v_rows, v_sequences, v_statements
    from freehold._clone_ddl(v_source, v_tenant) as d;
    perform freehold._lock_check(v_statements * 2, 'this clone', c_staged);

    if with_data then
        perform set_config('freehold.mask_salt', freehold._mask_key(), true) where v_masks is not null;
        perform freehold._copy_run(v_source, v_tenant, concat_ws(E';\n', v_pre, freehold._clone_copy(v_rows, v_sequences)),
                                   c_staged);
        perform set_config('freehold.mask_salt', '', true);
    else
        perform freehold._clone_run(v_tenant, coalesce(v_pre, ''), c_staged);
    end if;
    perform freehold._clone_run(v_tenant, concat_ws(E';\n', v_post, freehold._owner_defaults()), c_staged);
    perform freehold._publication_join(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role,
                                       freehold._publication_list(quote_ident(v_source.schema_name)::regnamespace));
    perform freehold._group_join(v_tenant.cell, variadic freehold._tenant_roles(v_tenant));
    if v_audit is not null then
        perform freehold._clone_run(v_tenant, v_audit, c_staged);
    end if;
    perform freehold._tenant_admit(v_tenant);
    v_tenant := freehold._tenant_transition(v_tenant, 'active');
    perform freehold._operation_end(v_operation, jsonb_build_object('tables', coalesce(cardinality(v_rows), 0)));
    return v_tenant;
end
$$;

comment on function freehold.tenant_clone(text, text, boolean, boolean, text, text) is
    'Makes a tenant that equals another, rows and sequence positions included unless with_data is false. Rows are copied before '
    'indexes, foreign keys and triggers exist, in one snapshot, without stopping writers of the source; with mask as mask_set() says, '
    'on the way. Raises FH006 naming what cannot be carried, before anything is made, and so FH227 naming columns that look personal '
    'and have no rule, and rules that do not fit; FH101 for an unknown source, FH202 for one that is retired, FH201 for a target that '
    'exists, FH401 when busy, FH402 for a schema that is too large for one transaction.';
