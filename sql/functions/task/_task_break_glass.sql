-- The task break_glass: counts what it ended. One that cannot be ended, or whose session takes its time, is left to the next time.
create or replace function freehold._task_break_glass() returns integer
    language sql volatile security invoker
begin atomic
    select count(*)::integer
    from freehold.break_glass_expire() as g
    where g.failure is null and (g.removed_at is not null or g.closed_xid = pg_current_xact_id_if_assigned());
end;
