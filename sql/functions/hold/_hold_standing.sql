-- The holds that keep a tenant from being erased now.
create or replace function freehold._hold_standing(tenant_id uuid) returns setof freehold.legal_hold
    language sql stable security invoker
begin atomic
    select h.*
    from freehold.legal_hold as h
    where h.tenant_id = _hold_standing.tenant_id and h.released_at is null and (h.until is null or h.until > freehold._now())
    order by h.id;
end;
