-- Whether a name of the server's carries the tenant's: its slug or its schema's, as a word, hyphens and underscores alike. One that
-- carries the longer name of another tenant is that one's.
create or replace function freehold._residue_named(tenant freehold.tenant, name text) returns boolean
    language sql stable security invoker
begin atomic
    -- A slug holds nothing that a pattern would obey, a schema's name neither.
    select replace(_residue_named.name, '-', '_')
               ~* format('(^|[^a-z0-9])(%s|%s)($|[^a-z0-9])', replace(tenant.slug, '-', '_'), tenant.schema_name)
        and not exists (
            select from freehold.tenant as t
            where t.state <> 'erased' and t.id <> tenant.id
                and (t.slug ^@ tenant.slug and strpos(replace(_residue_named.name, '-', '_'), replace(t.slug, '-', '_')) > 0
                     or t.schema_name ^@ tenant.schema_name::text and strpos(_residue_named.name, t.schema_name::text) > 0));
end;
