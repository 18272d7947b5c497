create or replace function freehold._drift_role(role oid, roles oid[]) returns text
    language sql stable security invoker
    return case role when 0 then 'public' when roles[1] then '<owner>' when roles[2] then '<rw>' when roles[3] then '<ro>'
                     else pg_get_userbyid(role)::text end;

comment on function freehold._drift_role(oid, oid[]) is 'A role, that of its own schema (owner, runtime, reader) by what it is.';
