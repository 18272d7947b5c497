-- How far ahead there should be partitions of a width.
create or replace function freehold._audit_horizon(width interval) returns timestamptz
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
    return greatest(freehold._now() + width * 2, freehold._now() + interval '7 days');
