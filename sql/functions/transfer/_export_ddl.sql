-- The DDL of a tenant's schema as an export carries it: tokens for the schema and its roles. Publications are the installation's: a
-- file cannot tell who may join them.
create or replace function freehold._export_ddl(tenant freehold.tenant) returns table (ordinal integer, phase text, ddl text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select d.ordinal, case d.kind when 'audit' then 'audit' else d.phase end, d.ddl
    from freehold._schema_ddl(
        quote_ident(tenant.schema_name)::regnamespace, freehold._ddl_token('schema'),
        jsonb_object(
            freehold._tenant_roles(tenant)::text[],
            (array[freehold._ddl_token('owner'), freehold._ddl_token('rw'), freehold._ddl_token('ro')])
                [1:cardinality(freehold._tenant_roles(tenant))])) as d
    where d.phase <> 'data' and d.kind <> 'publication'
$$;
