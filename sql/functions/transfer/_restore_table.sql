-- The table of its schema where the rows of a restore wait, until the transaction ends. In the tenants' shared schema it would take
-- membership of their group to read it, which locks that.
create or replace function freehold._restore_table(tenant freehold.tenant) returns name
    language sql immutable security invoker
    return '_freehold_restore_' || replace(tenant.id::text, '-', '');
