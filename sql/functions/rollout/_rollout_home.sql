-- The home of a rollout's item; null where it is gone. Locked for those who are about to work on it.
create or replace function freehold._rollout_home(item freehold.rollout_tenant, locked boolean default false) returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_template freehold.template;
    v_tenant freehold.tenant;
begin
    if item.wave = 0 then
        select * into v_template from freehold.template as t where t.id = item.home_id;
        if not found then
            return null;
        end if;
        return freehold._template_home(case when locked then freehold._template_lock(v_template.name) else v_template end);
    end if;
    select * into v_tenant from freehold.tenant as t where t.id = item.home_id and t.state in ('active', 'suspended', 'retired');
    if found and locked then
        return freehold._home_lock(v_tenant.slug);
    end if;
    return v_tenant;
end
$$;
