-- The task audit: a batch of what is older than the retention of its home.
create or replace function freehold._task_audit() returns integer
    language sql volatile security invoker
begin atomic
    select freehold.audit_purge()::integer;
end;
