create or replace function freehold._runtime_roles(tenant freehold.tenant) returns table (access text, role name, login boolean)
    language sql immutable security invoker
begin atomic
    select r.access, r.role, r.login
    from (values ('write', tenant.rw_role, tenant.rw_login), ('read', tenant.ro_role, tenant.ro_login)) as r (access, role, login)
    where r.role is not null;
end;
