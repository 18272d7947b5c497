-- The task request: forgets answers to requests with a key of their own that are older than a day. Touches: request.
create or replace function freehold._task_request() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    delete from freehold.request as r
    where r.ctid = any (array(select o.ctid from freehold.request as o where o.at < freehold._now() - interval '1 day'
                              order by o.at limit 1000 for update skip locked));
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
