create or replace function freehold._doctor_signups()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('sign-up %s', s.id), format('has failed %s times at stage %s, and is not tried again', s.attempts, s.stage),
           format('What it asked for is kept meanwhile. The last error has the code %s.', s.error_code),
           format('select freehold.signup_retry(%s);', s.id)
    from freehold.signup as s
    where s.due_at is null and s.state in ('running', 'failed', 'undoing')
$$;
