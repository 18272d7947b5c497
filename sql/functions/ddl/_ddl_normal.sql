-- What a read-only role may do is said by reader_create(), not by the template; not every tenant has one. Nor
-- is it the template's who is let in: a suspended tenant's runtime role has no USAGE.
create or replace function freehold._ddl_normal(ns regnamespace)
returns table (ordinal integer, phase text, kind text, identity text, ddl text)
language sql
stable
begin atomic
    select d.ordinal, d.phase, d.kind, d.identity, d.ddl
    from freehold._schema_ddl(
        ns,
        freehold._ddl_token('schema'),
        (select jsonb_object_agg(r.name, r.token order by r.token = freehold._ddl_token('owner'))
         from freehold._ddl_names(ns) r where r.token <> freehold._ddl_token('schema'))) d
    where not (d.kind in ('acl', 'default privileges') and strpos(d.ddl, freehold._ddl_token('ro')) > 0)
        and d.ddl <> format('grant usage on schema %s to %s', freehold._ddl_token('schema'), freehold._ddl_token('rw'));
end;

comment on function freehold._ddl_normal(regnamespace) is
    'The DDL of a schema with tokens for its name and its roles, so that two schemas built alike give the same rows.';
