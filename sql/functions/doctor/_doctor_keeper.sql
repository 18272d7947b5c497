-- A keeper that has gone is missed after ten times the shortest interval, five minutes at least. Where none ever was, tasks are done by
-- other means.
create or replace function freehold._doctor_keeper()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', 'keeper', format('none has led since %s', to_char(k.seen_at, 'YYYY-MM-DD HH24:MI')),
           'Nothing is done in the background: ' || t.names || '.', 'freehold keep'
    from freehold.keeper as k
    cross join (select min(t.every) as every, string_agg(t.name, ', ' order by t.name) as names
                from freehold.task as t
                where t.enabled) as t
    where t.names is not null
        and greatest(k.seen_at, k.expires_at) < freehold._now() - greatest(t.every * 10, interval '5 minutes')
    union all
    select 'warning', format('task %s', t.name), format('has failed %s times in a row', t.failures),
           format('[%s] %s', t.last_error_code, t.last_error), format('select freehold.task_run(%L);', t.name)
    from freehold.task as t
    where t.enabled and t.failures >= 3
$$;
