-- security definer: works in schemas of tenants, templates and the reserve through a cell. Touches: operation, tenant or template,
-- reserve (one row each), operation_script.
create or replace function freehold.operation_step(id bigint) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_operation freehold.operation := freehold.operation_get(id);
    v_template freehold.template;
    v_tenant freehold.tenant;
    v_source freehold.tenant;
    v_reserve freehold.reserve;
begin
    if not v_operation.staged then
        raise exception 'operation % is not staged', id
            using errcode = 'FH202', detail = 'It ran in one transaction: what failed changed nothing.', hint = 'Call it again.';
    end if;
    if v_operation.state = 'undone' then
        raise exception 'operation % was undone', id
            using errcode = 'FH202', detail = format('What it had made of "%s" is erased.', v_operation.slug),
                  hint = 'Begin again.';
    end if;
    if v_operation.state = 'done' then
        return v_operation;
    end if;
    -- Two callers take turns; whoever comes second finds what the first has done.
    if v_operation.kind ~ '^(template|reserve)_' then
        v_template := freehold._template_lock(v_operation.slug, unfinished => true);
        v_tenant := freehold._template_tenant(v_template);
    else
        v_tenant := freehold._tenant_lock(v_operation.slug);
    end if;
    update freehold.operation as o
    set state = 'running', finished_at = null, error_code = null, error_message = null, stepped_at = freehold._now()
    where o.id = v_operation.id and o.state in ('running', 'failed')
    returning * into v_operation;
    if not found then
        return freehold.operation_get(operation_step.id);
    end if;
    if v_operation.kind = 'erase' then
        return freehold._erase_step(v_tenant, v_operation);
    elsif v_operation.kind = 'template_drop' then
        return freehold._template_erase(v_template, v_operation);
    elsif v_operation.kind like 'reserve\_%' then
        select * into v_reserve from freehold.reserve as r where r.operation_id = v_operation.id;
        return case v_operation.kind when 'reserve_make' then freehold._reserve_build(v_reserve)
                                     else freehold._reserve_drop(v_reserve, v_operation) end;
    end if;

    -- Its row stays locked for the step: nobody resumes or renames the source while its rows are read.
    select * into v_source from freehold.tenant as t where t.id = (v_operation.detail ->> 'source_id')::uuid for share;
    if not freehold._script_run(v_operation.id, v_tenant, v_source) then
        return freehold.operation_get(v_operation.id);
    end if;
    if v_operation.kind = 'template_adopt' then
        return freehold._adopt_done(v_template, v_operation);
    end if;
    perform freehold._publication_join(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, case v_operation.kind
        when 'clone' then array(select jsonb_array_elements_text(v_operation.detail -> 'publications'))
        else freehold._publication_list(v_tenant.template, v_tenant.template_version) end);
    perform freehold._tenant_admit(v_tenant);
    perform freehold._tenant_transition(v_tenant, 'active');
    return freehold._operation_end(v_operation.id);
end
$$;

comment on function freehold.operation_step(bigint) is
    'The next batch of a staged operation that is running or failed, for clients that cannot CALL outside a transaction. Returns its '
    'row: call it until that is no longer running. Raises FH103 for an unknown id, FH202 for one that is not staged or was undone, '
    'and what the batch raises.';
