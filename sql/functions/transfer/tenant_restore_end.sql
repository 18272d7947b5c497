-- security definer: builds a schema through a cell. All that the file brought runs as the new schema's owner. Touches: tenant, operation
-- (one row each), mask_rule. The settings are those under which the values were written.
create or replace function freehold.tenant_restore_end(slug text, manifest jsonb, trailer jsonb) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
    set datestyle = 'ISO, MDY'
    set intervalstyle = 'postgres'
    set timezone = 'UTC'
    set lc_monetary = 'C'
    set xmloption = 'content'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_operation constant bigint := freehold._transfer_open('restore', v_tenant, ending => true);
    v_names constant jsonb := jsonb_build_object(
        'schema', v_tenant.schema_name, 'owner', v_tenant.owner_role, 'rw', v_tenant.rw_role, 'ro', v_tenant.ro_role);
    v_pre text;
    v_post text;
    v_audit text;
    v_statements bigint;
    v_rows bigint;
    v_name record;
begin
    perform freehold._restore_check(manifest);
    select string_agg(d.value ->> 'ddl', E';\n' order by d.ordinality) filter (where d.value ->> 'phase' = 'pre'),
           string_agg(d.value ->> 'ddl', E';\n' order by d.ordinality) filter (where d.value ->> 'phase' = 'post'),
           string_agg(d.value ->> 'ddl', E';\n' order by d.ordinality) filter (where d.value ->> 'phase' = 'audit'),
           count(*)
    into v_pre, v_post, v_audit, v_statements
    from jsonb_array_elements(manifest -> 'ddl') with ordinality as d;
    perform freehold._lock_check(v_statements * 2, 'this restore');
    v_post := concat_ws(E';\n', v_post, freehold._owner_defaults());
    for v_name in select n.key, n.value from jsonb_each_text(v_names) as n where n.value is not null loop
        v_pre := replace(v_pre, freehold._ddl_token(v_name.key), quote_ident(v_name.value));
        v_post := replace(v_post, freehold._ddl_token(v_name.key), quote_ident(v_name.value));
    end loop;
    perform freehold._clone_run(v_tenant, coalesce(v_pre, ''), null);
    perform freehold._clone_run(v_tenant, freehold._restore_copy(v_tenant, manifest, trailer), null, all_rows => true);
    perform freehold._clone_run(v_tenant, v_post, null);
    perform freehold._group_join(v_tenant.cell, variadic freehold._tenant_roles(v_tenant));
    if v_audit is not null then
        perform freehold._clone_run(v_tenant, v_audit, null);
    end if;
    v_rows := freehold._restore_verify(v_tenant, manifest, trailer);
    perform freehold._tenant_admit(v_tenant);
    v_tenant := freehold._tenant_transition(v_tenant, 'active');
    -- A rule of a column that the exported schema had lost is lost here too.
    perform freehold.mask_set(slug, m.table_name, m.column_name, m.rule, m.options)
    from jsonb_to_recordset(manifest -> 'masks') as m (table_name text, column_name text, rule text, options jsonb)
    join pg_attribute as a on a.attrelid = to_regclass(format('%I.%I', v_tenant.schema_name, m.table_name))
        and a.attname = m.column_name and not a.attisdropped;
    perform freehold._operation_end(v_operation, jsonb_build_object(
        'rows', v_rows, 'tables', jsonb_array_length(manifest -> 'tables'), 'publications_left', manifest -> 'publications'));
    return v_tenant;
end
$$;

comment on function freehold.tenant_restore_end(text, jsonb, jsonb) is
    'Ends a restore: makes the objects, moves the rows in, sets sequences, makes keys, indexes and constraints, and compares the schema '
    'and the number of rows with what the manifest and the trailer say. The tenant is active then. It joins no publication. Raises '
    'FH531 where something differs, FH232 where none was begun, FH402 for a schema that is too large for one transaction.';
