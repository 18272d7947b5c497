-- The DDL of a tenant's schema as its copy needs it: with the copy's name and roles. Memberships of publications are
-- not the owner's to make: _publication_join().
create or replace function freehold._clone_ddl(source freehold.tenant, target freehold.tenant)
    returns table (ordinal integer, phase text, kind text, ddl text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with source_ddl as (
        select d.*
        from freehold._schema_ddl(
            quote_ident(source.schema_name)::regnamespace, quote_ident(target.schema_name),
            jsonb_object(
                freehold._tenant_roles(source)::text[],
                array(select quote_ident(r) from unnest(freehold._tenant_roles(target)) with ordinality as u (r, n) order by n))) as d
    )
    select d.ordinal, case d.kind when 'audit' then 'audit' else d.phase end, d.kind, coalesce(p.script, d.ddl)
    from source_ddl as d
    left join freehold._ddl_default_privileges(array(
        select (null, null, s.ordinal, s.phase, s.kind, s.identity, s.ddl, null)::freehold.template_ddl from source_ddl as s)) as p
        on p.ordinal = d.ordinal
    where d.kind <> 'publication' and p.script is distinct from ''
$$;
