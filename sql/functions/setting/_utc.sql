-- A time as documents have it: UTC, whatever the session's time zone is.
create or replace function freehold._utc(at timestamptz) returns text
    language sql immutable security invoker
    return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
