-- The task statistics: one row, and a batch less of what is older than the setting statistic_keep. No catalog is scanned.
-- Touches: statistic, tenant_size (deletes), tenant, reserve (read).
create or replace function freehold._task_statistics() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_batch constant integer := 10000;
    v_now constant timestamptz := freehold._now();
    v_keep constant interval := nullif(freehold._setting_value('statistic_keep'), 'forever')::interval;
    v_deleted integer;
    v_sizes integer;
begin
    delete from freehold.statistic as s
    where s.at = any (array(select o.at from freehold.statistic as o where o.at < v_now - v_keep order by o.at limit c_batch));
    get diagnostics v_deleted = row_count;
    delete from freehold.tenant_size as s
    where s.ctid = any (array(select o.ctid from freehold.tenant_size as o where o.at < v_now - v_keep order by o.at limit c_batch));
    get diagnostics v_sizes = row_count;
    -- Called again at once, it has measured a moment ago.
    if not exists (select from freehold.statistic as s where s.at > v_now - interval '1 second') then
        perform freehold._statistic_measure(v_now);
    end if;
    return v_deleted + v_sizes;
end
$$;
