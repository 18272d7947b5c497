create or replace function freehold._tenant_roles(tenant freehold.tenant) returns name[]
    language sql immutable security invoker
    return array_remove(array[tenant.owner_role, tenant.rw_role, tenant.ro_role], null);
