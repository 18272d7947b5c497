-- The task access_log: a batch of what is older than the setting access_keep.
create or replace function freehold._task_access_log() returns integer
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case when s.keep = 'forever' then 0 else freehold.access_purge(s.keep::interval)::integer end
    from (select freehold._setting_value('access_keep') as keep) as s
$$;
