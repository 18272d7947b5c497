create or replace function freehold._ddl_normal(ns regnamespace)
returns table (ordinal integer, phase text, kind text, identity text, ddl text)
language sql
stable
begin atomic
    select d.ordinal, d.phase, d.kind, d.identity, d.ddl
    from pg_namespace n
    left join freehold.template t on t.schema_name = n.nspname
    cross join lateral freehold._schema_ddl(
        ns,
        freehold._ddl_token('schema'),
        jsonb_build_object(
            coalesce(t.rw_role, n.nspname || '_rw'), freehold._ddl_token('rw'),
            n.nspname || '_ro', freehold._ddl_token('ro'),
            pg_get_userbyid(n.nspowner), freehold._ddl_token('owner'))) d
    where n.oid = ns::oid;
end;

comment on function freehold._ddl_normal(regnamespace) is
    'The DDL of a schema with tokens for its name and its roles, so that two schemas built alike give the same rows.';
