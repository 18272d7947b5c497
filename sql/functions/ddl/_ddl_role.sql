create or replace function freehold._ddl_role(role oid)
returns text
language sql
stable
parallel restricted
return case
    when role = 0 then 'public'
    else coalesce(
        nullif(current_setting('freehold.ddl_roles', true), '')::jsonb ->> pg_get_userbyid(role)::text,
        quote_ident(pg_get_userbyid(role)::text))
end;

comment on function freehold._ddl_role(oid) is
    'A role as it is to be printed: through the map in freehold.ddl_roles (role name to text), else its own name.';
