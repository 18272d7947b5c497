-- A session that is at work on a tenant or template holds its row: its transaction's id is the row's xmax. The
-- reserve is filled all the time, so of that only what nobody has gone on with for some time is found.
create or replace function freehold._doctor_operations()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('%s %s', u.kind, u.name), format('is %s, and no session is at work on it', u.state),
           format('The operation that began %s was interrupted.', coalesce(to_char(o.started_at, 'YYYY-MM-DD HH24:MI'), 'once')),
           case
               when o.id is not null then format('call freehold.operation_resume(%s);', o.id)
               when u.state = 'erasing' then format('call freehold.tenant_erase(%L, %L);', u.name, 'going on')
               else format('select * from freehold.operation_list(%L);', u.name)
           end
    from (select 'tenant' as kind, t.slug as name, t.state, t.id, t.xmax as locker
          from freehold.tenant as t
          where t.state in ('provisioning', 'erasing')
          union all
          select 'template', m.name, m.state, null, m.xmax from freehold.template as m where m.state <> 'ready') as u
    left join freehold.operation as o
        on o.slug = u.name and o.tenant_id is not distinct from u.id and o.staged and o.state in ('running', 'failed')
    where not exists (select from pg_locks as l where l.locktype = 'transactionid' and l.granted and l.transactionid = u.locker)
    union all
    select 'warning', format('reserve %s', r.schema_name),
           format('is half %s, and no session is at work on it', case o.kind when 'reserve_make' then 'made' else 'dropped' end),
           format('The operation that began %s was interrupted.', to_char(o.started_at, 'YYYY-MM-DD HH24:MI')),
           format('call freehold.operation_resume(%s);', o.id)
    from freehold.reserve as r
    join freehold.operation as o on o.id = r.operation_id
    join freehold.template as m on m.name = r.template
    where (o.state = 'failed' or o.stepped_at < freehold._now() - freehold._setting_value('operation_lease')::interval)
        and not exists (select from pg_locks as l where l.locktype = 'transactionid' and l.granted and l.transactionid = m.xmax)
$$;
