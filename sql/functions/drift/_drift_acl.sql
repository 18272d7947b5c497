create or replace function freehold._drift_acl(acl aclitem[], roles oid[]) returns text
    language sql stable security invoker
begin atomic
    select string_agg(distinct format('%s %s %s', freehold._drift_role(x.grantee, roles), x.privilege_type, x.is_grantable), ', ')
    from aclexplode(acl) as x
    -- What a reader may do is no part of a template, as in _ddl_normal; roles that are missing are null.
    where x.grantee is distinct from roles[3];
end;

comment on function freehold._drift_acl(aclitem[], oid[]) is 'Privileges, with the names that _drift_role gives.';
