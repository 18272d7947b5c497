-- The limits there are; those with a unit are settings.
create or replace function freehold._limit_known() returns table (name text, unit text)
    language sql immutable security invoker
begin atomic
    select k.name, k.unit
    from (values ('statement_timeout', 'ms'), ('lock_timeout', 'ms'), ('idle_in_transaction_session_timeout', 'ms'),
                 ('work_mem', 'kB'), ('temp_file_limit', 'kB'), ('connections', null), ('concurrency', null)) as k (name, unit);
end;
