-- Takes a tenant out of the control plane's tables: rows that are declared to go, and words that may quote its rows in those that
-- stay. Returns how many by table. Touches: what _erasure_table() says, operation, operation_script, rollout_tenant,
-- signup, signup_request, task.
create or replace function freehold._erase_rows(tenant freehold.tenant) returns jsonb
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_table record;
    v_count bigint;
    v_counts jsonb := jsonb '{}';
begin
    for v_table in
        select t.table_name, t.column_name
        from freehold._erasure_table() as t
        join freehold._erasure_column() as c on c.table_name = t.table_name and c.column_name = t.column_name
        where t.action = 'delete'
        order by t.table_name
    loop
        execute format('delete from freehold.%I as r where r.%I = $1', v_table.table_name, v_table.column_name) using tenant.id;
        get diagnostics v_count = row_count;
        v_counts := v_counts || jsonb_build_object(v_table.table_name, v_count);
    end loop;
    -- An error may quote what stood in its rows.
    update freehold.rollout_tenant as i set error_message = null where i.home_id = tenant.id and i.error_message is not null;
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object('rollout_tenant.error_message', v_count);
    update freehold.operation as o set error_message = null
    where o.error_message is not null and (o.tenant_id = tenant.id or o.tenant_id is null and o.slug = tenant.slug);
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object('operation.error_message', v_count);
    -- So may a task's; and it may stand at the tenant.
    update freehold.task as t
    set resume = nullif(t.resume, tenant.id::text), last_error = case when strpos(t.last_error, tenant.slug) = 0 then t.last_error end
    where t.resume = tenant.id::text or strpos(t.last_error, tenant.slug) > 0;
    -- A worker locks its sign-up before the tenant, and is not waited for.
    update freehold.signup as s set error_message = null
    where s.id in (select e.id from freehold.signup as e where e.tenant_id = tenant.id and e.error_message is not null
                   for update skip locked);
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object('signup.error_message', v_count);
    delete from freehold.signup_request as r using freehold.signup as s where s.tenant_id = tenant.id and r.signup_id = s.id;
    get diagnostics v_count = row_count;
    v_counts := v_counts || jsonb_build_object('signup_request', v_count);
    delete from freehold.operation_script as s
    using freehold.operation as o
    where o.staged and o.tenant_id = tenant.id and s.operation_id = o.id;
    get diagnostics v_count = row_count;
    return v_counts || jsonb_build_object('operation_script', v_count);
end
$$;
