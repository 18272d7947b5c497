-- security definer: the tables are the owner's. Touches: tenant, template_ddl (read).
create or replace function freehold.tenant_drift(slug text)
    returns table (change text, kind text, identity text, expected text, actual text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold.tenant_get(slug);
    v_schema constant regnamespace := quote_ident(v_tenant.schema_name)::regnamespace;
begin
    return query
        select case when a.ddl is null then 'missing' when e.ddl is null then 'extra' else 'different' end,
               coalesce(e.kind, a.kind), freehold._ddl_readable(coalesce(e.identity, a.identity), v_schema),
               freehold._ddl_readable(e.ddl, v_schema), freehold._ddl_readable(a.ddl, v_schema)
        from (select d.kind, d.identity, string_agg(d.ddl, E';\n' order by d.ordinal) as ddl
              from freehold.template_ddl as d
              where d.template = v_tenant.template and d.version = v_tenant.template_version and d.phase <> 'data'
              group by d.kind, d.identity) as e
        full join (select d.kind, d.identity, string_agg(d.ddl, E';\n' order by d.ordinal) as ddl
                   from freehold._ddl_normal(v_schema) as d
                   where d.phase <> 'data'
                   group by d.kind, d.identity) as a
            on a.kind = e.kind and a.identity = e.identity
        where a.ddl is distinct from e.ddl
        order by 2, 3;
end
$$;

comment on function freehold.tenant_drift(text) is
    'What differs between a tenant''s schema and the template version it was built from: object, the statement expected, the '
    'statement found. No row means no drift. Raises FH101 for an unknown slug.';
