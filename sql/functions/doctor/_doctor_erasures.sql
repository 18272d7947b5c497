-- Erasures that are not over: what was left behind in the database, and tasks outside it that failed or that nobody does.
create or replace function freehold._doctor_erasures()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('erasure of %s', o.slug),
           format('task "%s" is %s%s', t.eraser, t.state,
                  case when t.state = 'failed' then format(' after %s attempts', t.attempts)
                       else format(' since %s', to_char(t.changed_at, 'YYYY-MM-DD')) end),
           coalesce(nullif(t.error_message, ''), 'What the tenant had there is still there.') || ' No certificate is issued before.',
           format('select * from freehold.erasure_task_list(%L);', o.slug)
    from freehold.erasure_task as t
    join freehold.operation as o on o.id = t.operation_id
    where t.state = 'failed' or t.state in ('pending', 'claimed') and t.changed_at < freehold._now() - interval '7 days'
    union all
    select 'warning', format('erasure of %s', o.slug), format('%s are left over', jsonb_array_length(o.detail -> 'residue')),
           format('When it was erased there were: %s.',
                  (select string_agg(r.what, ', ') from jsonb_array_elements_text(o.detail -> 'residue') as r (what))),
           format('select freehold.erasure_certificate(%L);', o.tenant_id)
    from freehold.operation as o
    where o.kind = 'erase' and o.state = 'done' and jsonb_array_length(o.detail -> 'residue') > 0
        and not exists (select from freehold.erasure_certificate as c where c.operation_id = o.id)
$$;
