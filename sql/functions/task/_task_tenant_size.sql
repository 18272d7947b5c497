-- The task tenant_size: measures those of the next 50 tenants that were not measured for a day, and goes on there the next time. Beyond
-- the last one it begins anew. Touches: tenant (read), tenant_size, task (its own row).
create or replace function freehold._task_tenant_size() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_batch constant integer := 50;
    v_tenant freehold.tenant;
    v_last uuid := (select t.resume::uuid from freehold.task as t where t.name = 'tenant_size');
    v_seen integer := 0;
begin
    for v_tenant in
        select t.*
        from freehold.tenant as t
        where t.state <> 'erased' and t.id > coalesce(v_last, '00000000-0000-0000-0000-000000000000')
        order by t.id
        limit c_batch
    loop
        if v_tenant.state in ('active', 'suspended', 'retired') and not exists (
            select from freehold.tenant_size as s where s.tenant_id = v_tenant.id and s.at > freehold._now() - interval '1 day')
        then
            perform freehold._tenant_measure(v_tenant);
        end if;
        v_seen := v_seen + 1;
        v_last := v_tenant.id;
    end loop;
    if v_seen < c_batch then
        v_last := null;
        v_seen := 0;
    end if;
    update freehold.task as t set resume = v_last where t.name = 'tenant_size' and t.resume is distinct from v_last::text;
    return v_seen;
end
$$;
