-- What makes a template of a schema, in its own, which is still empty. The runtime role's rights come first, as default
-- privileges: granted afterwards, they would take a lock an object (18). No rows come along, nor who may use the schema: a grant
-- to PUBLIC would let every tenant into every other. Memberships of publications are not the owner's to make: _publication_join().
create or replace function freehold._adopt_ddl(schema regnamespace, template freehold.template)
    returns table (ordinal integer, phase text, ddl text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 0, 'pre', freehold._runtime_grants(quote_ident(template.schema_name)::regnamespace, template.rw_role)
    union all
    select d.ordinal, case d.kind when 'audit' then 'audit' else d.phase end, d.ddl
    from freehold._schema_ddl(schema, quote_ident(template.schema_name),
                              jsonb_build_object((select pg_get_userbyid(n.nspowner) from pg_namespace as n where n.oid = schema),
                                                 quote_ident(template.owner_role))) as d
    where d.phase <> 'data' and d.kind <> 'publication'
        and not (d.kind = 'acl' and strpos(d.ddl, format(' on schema %I ', template.schema_name)) > 0)
    union all
    select 2147483647, 'post', freehold._owner_defaults()
$$;
