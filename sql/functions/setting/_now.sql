-- The one clock. Its offset is a row, not a session variable, so a caller cannot put off a grace period for itself.
create or replace function freehold._now() returns timestamptz
    language sql volatile security invoker
    return (select clock_timestamp() + s.value::interval from freehold.setting as s where s.name = 'clock_offset');
