-- Touches: template_ddl (read).
create or replace function freehold._repair_rows(tenant freehold.tenant) returns setof freehold._repair_row
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(e.kind, a.kind), coalesce(e.identity, a.identity),
           freehold._repair_target(coalesce(e.kind, a.kind), coalesce(e.identity, a.identity)),
           e.ddl, e.ordinal, e.ordinals, a.ddl, a.ordinal
    from (select d.kind, d.identity, array_agg(d.ddl order by d.ordinal) as ddl, min(d.ordinal) as ordinal,
                 array_agg(d.ordinal order by d.ordinal) as ordinals
          from freehold.template_ddl as d
          where d.template = tenant.template and d.version = tenant.template_version and d.phase <> 'data'
          group by d.kind, d.identity) as e
    full join (select d.kind, d.identity, array_agg(d.ddl order by d.ordinal) as ddl, min(d.ordinal) as ordinal
               from freehold._ddl_normal(quote_ident(tenant.schema_name)::regnamespace) as d
               where d.phase <> 'data'
               group by d.kind, d.identity) as a
        on a.kind = e.kind and a.identity = e.identity
$$;

comment on function freehold._repair_rows(freehold.tenant) is
    'Every object of a tenant''s schema, as its template version has it and as it is, in normal form.';
