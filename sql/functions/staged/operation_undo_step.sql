-- security definer: works in schemas of tenants, templates and the reserve through a cell. Touches: operation, tenant, template or
-- reserve (one row each), operation_script.
create or replace function freehold.operation_undo_step(id bigint) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_operation constant freehold.operation := freehold.operation_get(id);
    v_template freehold.template;
    v_tenant freehold.tenant;
    v_reserve freehold.reserve;
    v_what text;
begin
    if not v_operation.staged or v_operation.kind not in ('provision', 'clone', 'template_adopt', 'reserve_make')
        or v_operation.state = 'done'
    then
        v_what := format('It is a %s that is %s.', v_operation.kind, v_operation.state);
    elsif v_operation.kind = 'template_adopt' then
        v_template := freehold._template_lock(v_operation.slug, unfinished => true);
        if v_template.state <> (case v_operation.state when 'undone' then 'dropping' else 'adopting' end) then
            v_what := format('Template "%s" is %s.', v_template.name, v_template.state);
        end if;
    elsif v_operation.kind = 'reserve_make' then
        v_template := freehold._template_lock(v_operation.slug, unfinished => true);
        select * into v_reserve from freehold.reserve as r
        where r.schema_name = v_operation.detail ->> 'schema_name' and r.operation_id is not null;
        if not found then
            v_what := 'Its schema is finished, or gone.';
        end if;
    else
        v_tenant := freehold._tenant_lock(v_operation.slug);
        if v_tenant.id <> v_operation.tenant_id or v_tenant.state not in ('provisioning', 'erasing') then
            v_what := format('Tenant "%s" is %s.', v_tenant.slug, v_tenant.state);
        end if;
    end if;
    if v_what is not null then
        raise exception 'operation % cannot be undone', id
            using errcode = 'FH202', detail = v_what,
                  hint = case when v_operation.kind in ('erase', 'template_drop', 'reserve_drop') and v_operation.staged
                              then format('What is dropped is gone: call freehold.operation_resume(%s); ends it.', id)
                              else 'Only a provision, clone, adoption or fill in stages that has not ended can be.' end;
    end if;
    update freehold.operation as o
    set state = 'undone', finished_at = coalesce(o.finished_at, freehold._now()), error_code = null
    where o.id = operation_undo_step.id and o.state <> 'undone';
    delete from freehold.operation_script as s where s.operation_id = operation_undo_step.id;
    if v_operation.kind = 'template_adopt' then
        return freehold._template_erase(
            v_template, freehold._operation_open(v_template.name, 'template_drop'), format('undo of operation %s', id));
    end if;
    if v_operation.kind = 'reserve_make' then
        return freehold._reserve_drop(
            v_reserve, (select o from freehold.operation as o where o.id = v_reserve.operation_id and o.kind = 'reserve_drop'),
            format('undo of operation %s', id));
    end if;
    return freehold._erase_step(v_tenant, freehold._operation_open(v_tenant.slug, 'erase'), format('undo of operation %s', id));
end
$$;

comment on function freehold.operation_undo_step(bigint) is
    'One transaction''s worth of taking a staged provision, clone, adoption or ready-made schema back: an erasure of what was made. '
    'Call it until the operation it returns is no longer running. Raises FH103 for an unknown id, FH202 for what cannot be undone.';
