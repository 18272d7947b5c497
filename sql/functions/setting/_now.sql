-- The one clock. Its offset is a row, not a session variable, so a caller cannot put off a grace period for itself.
-- With a SET clause no planner reads its body to inline it, in vain as that reads a table: most statements here are planned anew.
create or replace function freehold._now() returns timestamptz
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    select clock_timestamp() + s.value::interval from freehold.setting as s where s.name = 'clock_offset';
end;
