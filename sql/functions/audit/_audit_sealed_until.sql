-- Up to which transaction a home's entries are sealed, that one not included: only those may be deleted. Null where nothing is
-- sealed ever; then age alone decides.
create or replace function freehold._audit_sealed_until(home_id uuid) returns xid8
    language sql stable security invoker
    return null::xid8;
