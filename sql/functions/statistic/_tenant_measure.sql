-- Measures one tenant's schema, by its relations in pg_depend; nothing is recorded where one is locked just now.
-- Touches: tenant_size (one row).
create or replace function freehold._tenant_measure(tenant freehold.tenant) returns boolean
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '100ms'
as $$
begin
    insert into freehold.tenant_size (tenant_id, at, bytes, relations)
    select tenant.id, freehold._now(), coalesce(sum(pg_total_relation_size(c.oid)), 0), count(c.oid)
    from pg_depend as d
    join pg_class as c on c.oid = d.objid and c.relkind in ('r', 'm', 'S')
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = to_regnamespace(quote_ident(tenant.schema_name))
        and d.classid = 'pg_class'::regclass and d.deptype = 'n';
    return true;
exception
    when lock_not_available then
        return false;
end
$$;
