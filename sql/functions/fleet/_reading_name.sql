create or replace function freehold._reading_name(tenant_id uuid) returns name
    language sql immutable security invoker
    return 'read_' || replace(tenant_id::text, '-', '');
