-- security definer: drops roles and a schema through a cell. Touches: template and its versions, tenant_migration, mask_rule, rollout,
-- operation.
create or replace function freehold.template_drop(name text) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_template constant freehold.template := freehold._template_lock(template_drop.name);
    v_roles constant name[] := array[v_template.owner_role, v_template.rw_role];
    v_staged constant text := format('call freehold.template_drop_staged(%L)', template_drop.name);
    v_operation bigint := freehold._operation_begin('template_drop', null, template_drop.name);
begin
    perform freehold._template_unused(template_drop.name);
    perform freehold._lock_check(freehold._schema_locks(to_regnamespace(quote_ident(v_template.schema_name))),
                                 format('dropping template "%s"', template_drop.name), v_staged);
    perform freehold._outside_check(v_template.schema_name, v_roles);
    perform freehold._schema_drop(v_template.cell, v_template.schema_name, v_roles);
    perform freehold._rollout_change(r, 'aborted', 'the template was dropped')
    from freehold.rollout as r where r.template = template_drop.name and r.state not in ('done', 'aborted');
    delete from freehold.tenant_migration as m where m.home_id = v_template.id;
    delete from freehold.mask_rule as m where m.home_id = v_template.id;
    perform freehold._audit_drop(v_template.id);
    delete from freehold.template as t where t.name = template_drop.name;
    perform freehold._operation_end(v_operation);
exception
    -- An estimate that fell short, or another session that took the room.
    when out_of_memory then
        raise exception 'dropping template "%" takes more locks than one transaction can have', template_drop.name
            using errcode = 'FH402', detail = sqlerrm, hint = freehold._lock_hint(v_staged);
end
$$;

comment on function freehold.template_drop(text) is
    'Drops a template: schema, roles and frozen versions. Raises FH102 for an unknown one, FH202 for one that is being adopted or '
    'dropped in stages, FH205 while tenants use it or its reserve is not empty, FH206 when something outside the schema depends on '
    'it, FH402 for one that is too large for one transaction.';
