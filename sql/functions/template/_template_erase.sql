-- One transaction's worth of dropping a template, its row being locked. The first one begins it, and takes what could be built
-- from: whoever is about to is refused by that. The last one takes the template's row.
-- Touches: template, template_version, tenant_migration, mask_rule, rollout, operation.
create or replace function freehold._template_erase(template freehold.template, operation freehold.operation, reason text default null)
    returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_begun constant boolean := operation.id is null;
    v_batch freehold.operation;
begin
    if v_begun then
        operation := freehold._erase_begin('template_drop', freehold._template_tenant(template), reason);
        update freehold.template as t set state = 'dropping', version = null where t.name = template.name;
        delete from freehold.template_version as v where v.template = _template_erase.template.name;
    end if;
    v_batch := freehold._erase_run(freehold._template_tenant(template), operation, v_begun);
    if v_batch.id is not null then
        return v_batch;
    end if;
    perform freehold._rollout_change(r, 'aborted', 'the template was dropped')
    from freehold.rollout as r where r.template = _template_erase.template.name and r.state not in ('done', 'aborted');
    delete from freehold.tenant_migration as m where m.home_id = template.id;
    delete from freehold.mask_rule as m where m.home_id = template.id;
    perform freehold._audit_drop(template.id);
    delete from freehold.template as t where t.name = template.name;
    return freehold._operation_end(operation.id);
end
$$;
