create or replace function freehold._drift_home(schemas oid[]) returns table (ns oid, name name, roles oid[])
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select n.oid, n.nspname,
           array[n.nspowner, to_regrole(quote_ident(coalesce(p.rw_role, (n.nspname || '_rw')::name)))::oid,
                 to_regrole(quote_ident(n.nspname || '_ro'))::oid]
    from unnest(schemas) as s (ns)
    join pg_namespace as n on n.oid = s.ns
    left join freehold.template as p on p.schema_name = n.nspname
$$;

comment on function freehold._drift_home(oid[]) is 'Schemas with the roles that belong to them, as _ddl_names has them.';
