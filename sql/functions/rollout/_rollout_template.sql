-- A rollout's template by its id, as the home that it is; null where it is gone. Locked for those who are about to work on it.
create or replace function freehold._rollout_template(id uuid, locked boolean default false) returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_template freehold.template;
begin
    select * into v_template from freehold.template as t where t.id = _rollout_template.id;
    if not found then
        return null;
    end if;
    return freehold._template_home(case when locked then freehold._template_lock(v_template.name) else v_template end);
end
$$;
