-- security definer: makes roles and a schema through a cell. Touches: tenant (one new row; the source's row lock shared),
-- operation (one row), operation_script.
create or replace function freehold.tenant_clone_step(
    source text,
    target text,
    with_data boolean default true,
    mask boolean default false,
    display_name text default null,
    external_id text default null
) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_operation freehold.operation := freehold._operation_open(target, 'clone');
    v_source freehold.tenant;
    v_tenant freehold.tenant;
    v_masks freehold._mask_column_row[];
begin
    if v_operation.id is not null then
        return freehold.operation_step(v_operation.id);
    end if;
    v_source := freehold._clone_source(source);
    if with_data and v_source.state <> 'suspended' then
        raise exception 'tenant "%" is %', source, v_source.state
            using errcode = 'FH202', detail = 'A staged clone copies rows in several transactions; writers in between would tear it.',
                  hint = format('select freehold.tenant_suspend(%L) first, or clone with_data => false.', source);
    end if;
    if mask and with_data then
        v_masks := freehold._mask_check(v_source);
    end if;
    v_tenant := freehold._clone_register(v_source, target, display_name, external_id);
    v_operation.id := freehold._operation_begin('clone', v_tenant.id, target, jsonb_build_object(
        'source', source, 'source_id', v_source.id, 'source_changed_at', v_source.changed_at, 'with_data', with_data,
        'mask', mask, 'cell', v_tenant.cell,
        'publications', freehold._publication_list(quote_ident(v_source.schema_name)::regnamespace)));
    v_operation := (
        select freehold._script_keep(v_operation.id, array_agg(s.phase order by s.phase = 'audit', s.ordinal),
                                      array_agg(s.ddl order by s.phase = 'audit', s.ordinal))
        from (
            select d.ordinal, d.phase,
                   case d.kind when 'rows' then freehold._mask_rows(v_source, v_masks, d.ddl) else d.ddl end as ddl
            from freehold._clone_ddl(v_source, v_tenant) as d
            where with_data or d.phase <> 'data'
            union all
            select 2147483647, 'post', freehold._owner_defaults()
        ) as s);
    -- Before the first, and so never run: gone with the statements when the last one is done, or all is undone.
    insert into freehold.operation_script (operation_id, ordinal, phase, ddl)
    select v_operation.id, 0, 'mask', freehold._mask_key() where v_masks is not null;
    perform freehold._group_join(v_tenant.cell, variadic freehold._tenant_roles(v_tenant));
    return v_operation;
end
$$;

comment on function freehold.tenant_clone_step(text, text, boolean, boolean, text, text) is
    'One transaction''s worth of a staged clone, for clients that cannot CALL outside a transaction: call it until the operation it '
    'returns is no longer running, whatever the later calls'' other arguments say. With data the source must be suspended, since its '
    'rows are read in several transactions. Raises what tenant_clone() raises.';
