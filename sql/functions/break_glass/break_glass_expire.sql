-- security definer: takes logins away through their cells. Touches: break_glass, event, outbox.
create or replace function freehold.break_glass_expire() returns setof freehold.break_glass
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    select * from freehold._break_glass_expire()
$$;

comment on function freehold.break_glass_expire() is
    'Ends every login and request that is overdue, and drops the roles of those that were ended by an earlier transaction; returns '
    'what it was at. Call it every minute (freehold break-glass keep does), again until it returns nothing where all is to be gone. '
    'Column failure says why one could not be ended.';
