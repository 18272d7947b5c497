-- Where a partition that begins at a time ends. In UTC, or a night without an hour would move all that come after it.
create or replace function freehold._audit_partition_next(at timestamptz, width interval) returns timestamptz
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
    return ((at at time zone 'UTC') + width) at time zone 'UTC';
