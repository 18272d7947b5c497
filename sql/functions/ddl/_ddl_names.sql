-- By token: what a schema and its roles are really called, quoted. The registry knows the runtime role; a schema that is
-- not in it has one by its name.
create or replace function freehold._ddl_names(ns regnamespace)
returns table (token text, name name)
language sql
stable
begin atomic
    select freehold._ddl_token(r.what), r.name
    from pg_namespace n
    left join freehold.template p on p.schema_name = n.nspname
    cross join lateral (
        values
            ('schema', n.nspname),
            ('owner', pg_get_userbyid(n.nspowner)),
            ('rw', coalesce(p.rw_role, (n.nspname || '_rw')::name)),
            ('ro', (n.nspname || '_ro')::name)
    ) r (what, name)
    where n.oid = ns::oid;
end;

comment on function freehold._ddl_names(regnamespace) is 'The real names behind the tokens of a normal form.';
