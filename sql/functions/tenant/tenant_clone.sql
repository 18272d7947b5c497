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
    v_source constant freehold.tenant := freehold._tenant_lock(source, shared => true);
    v_schema constant regnamespace := quote_ident(v_source.schema_name)::regnamespace;
    v_lift record;
    v_tenant freehold.tenant;
    v_operation bigint;
    v_pre text;
    v_post text;
    v_rows text[];
    v_sequences text[];
begin
    if mask then
        raise exception 'masked clones are not available yet'
            using errcode = 'FH004', hint = 'Clone without data: with_data => false.';
    end if;
    if v_source.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', source, v_source.state
            using errcode = 'FH202', detail = 'Only an active or suspended tenant can be cloned.';
    end if;
    perform freehold._schema_check(v_schema);
    v_tenant := freehold._tenant_register(target, v_source.template, v_source.template_version,
                                          display_name, external_id, v_source.settings);
    v_operation := freehold._operation_begin('clone', v_tenant.id, target, jsonb_build_object(
        'source', source, 'with_data', with_data, 'cell', v_tenant.cell));
    if v_source.ro_role is not null then
        v_tenant := freehold._reader_make(v_tenant);
    end if;
    select string_agg(d.ddl, E';\n' order by d.ordinal) filter (where d.phase = 'pre'),
           string_agg(d.ddl, E';\n' order by d.ordinal) filter (where d.phase = 'post' and d.kind <> 'publication'),
           array_agg(d.ddl order by d.ordinal) filter (where d.kind = 'rows'),
           array_agg(d.ddl order by d.ordinal) filter (where d.kind = 'sequence value')
    into v_pre, v_post, v_rows, v_sequences
    from freehold._schema_ddl(v_schema, quote_ident(v_tenant.schema_name), jsonb_object(
        freehold._tenant_roles(v_source)::text[],
        array(select quote_ident(r) from unnest(freehold._tenant_roles(v_tenant)) with ordinality as u (r, n) order by n))) as d;

    perform freehold._schema_create(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, v_tenant.rw_role);
    if with_data then
        select * into v_lift from freehold._rows_lift(v_schema);
        if v_lift.lift is not null then
            perform freehold._owner_run(v_source.cell, v_source.schema_name, v_source.owner_role, v_lift.lift);
        end if;
        perform freehold._cell_run(v_source.cell, format('grant %I to %I%s', v_source.owner_role, v_tenant.owner_role,
                                                         freehold._membership(true, false)));
    end if;
    perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, concat_ws(E';\n',
        v_pre, case when with_data then freehold._clone_copy(v_rows, v_sequences) end), all_rows => true);
    if with_data then
        perform freehold._cell_run(v_source.cell, format('revoke %I from %I', v_source.owner_role, v_tenant.owner_role));
        perform freehold._membership_assert(v_source.owner_role, v_tenant.owner_role);
        if v_lift.restore is not null then
            perform freehold._owner_run(v_source.cell, v_source.schema_name, v_source.owner_role, v_lift.restore);
        end if;
    end if;
    perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, concat_ws(E';\n',
        v_post, freehold._owner_defaults()));
    perform freehold._publication_join(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role,
                                       freehold._publication_list(v_schema));
    perform freehold._tenant_admit(v_tenant);
    v_tenant := freehold._tenant_transition(v_tenant, 'active');
    perform freehold._operation_end(v_operation, jsonb_build_object('tables', coalesce(cardinality(v_rows), 0)));
    return v_tenant;
end
$$;

comment on function freehold.tenant_clone(text, text, boolean, boolean, text, text) is
    'Makes a tenant that equals another, rows and sequence positions included unless with_data is false. Rows are copied before '
    'indexes, foreign keys and triggers exist, in one snapshot, without stopping writers of the source. Raises FH006 naming what '
    'cannot be carried, before anything is made; FH101 for an unknown source, FH202 for one that is retired, FH201 for a target '
    'that exists, FH401 when busy.';
