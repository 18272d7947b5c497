create or replace function freehold._doctor_retention()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('tenant %s', t.slug), format('should have been erased on %s', to_char(t.erase_after, 'YYYY-MM-DD')),
           'Its grace period is over, and its rows are still there.',
           format('call freehold.tenant_erase(%L, ''the grace period is over'');', t.slug)
    from freehold.tenant as t
    where t.state = 'retired' and t.erase_after < freehold._now() and not exists (select from freehold._hold_standing(t.id))
$$;
