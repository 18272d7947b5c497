-- The home, a tenant, template or ready-made schema, that a schema is.
create or replace function freehold._audit_home(ns oid) returns uuid
    language sql stable security invoker
begin atomic
    select h.id
    from pg_namespace as n
    cross join lateral (
        select t.id from freehold.tenant as t where t.schema_name = n.nspname and t.state <> 'erased'
        union all
        select m.id from freehold.template as m where m.schema_name = n.nspname
        union all
        select r.tenant_id from freehold.reserve as r where r.schema_name = n.nspname) as h
    where n.oid = ns;
end;
