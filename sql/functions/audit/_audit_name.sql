-- The log of a home, in schema freehold_audit: of a tenant or a template by its id, so that no rename touches it.
create or replace function freehold._audit_name(home_id uuid) returns name
    language sql immutable security invoker
    return 'log_' || replace(home_id::text, '-', '');
