-- A session that is at work on a tenant holds its row: its transaction's id is the row's xmax.
create or replace function freehold._doctor_operations()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('tenant %s', t.slug), format('is %s, and no session is at work on it', t.state),
           format('The operation that began %s was interrupted.', coalesce(to_char(o.started_at, 'YYYY-MM-DD HH24:MI'), 'once')),
           case
               when o.id is not null then format('call freehold.operation_resume(%s);', o.id)
               when t.state = 'erasing' then format('call freehold.tenant_erase(%L, %L);', t.slug, 'going on')
               else format('select * from freehold.operation_list(%L);', t.slug)
           end
    from freehold.tenant as t
    left join freehold.operation as o on o.tenant_id = t.id and o.staged and o.state in ('running', 'failed')
    where t.state in ('provisioning', 'erasing')
        and not exists (select from pg_locks as l where l.locktype = 'transactionid' and l.granted and l.transactionid = t.xmax)
$$;
