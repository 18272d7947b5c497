-- What writes a home's log: the trigger function of its tables, in schema freehold_audit.
create or replace function freehold._audit_writer(home_id uuid) returns name
    language sql immutable security invoker
    return 'write_' || replace(home_id::text, '-', '');
