create or replace function freehold._ddl_readable(ddl text, tenant freehold.tenant) returns text
    language sql immutable security invoker
    return replace(replace(replace(ddl,
        freehold._ddl_token('schema'), quote_ident(tenant.schema_name)),
        freehold._ddl_token('owner'), quote_ident(tenant.owner_role)),
        freehold._ddl_token('rw'), quote_ident(tenant.rw_role));
