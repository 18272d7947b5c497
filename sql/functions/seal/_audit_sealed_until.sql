-- Up to which transaction a home's entries are sealed, that one not included: only those may be deleted. Null where nothing was
-- ever sealed; then age alone decides.
create or replace function freehold._audit_sealed_until(home_id uuid) returns xid8
    language sql stable security invoker
begin atomic
    select s.to_xid from freehold.seal as s where s.chain = home_id order by s.number desc limit 1;
end;
