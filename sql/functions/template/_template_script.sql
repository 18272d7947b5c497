create or replace function freehold._template_script(
    template text, version integer, schema_name name, owner_role name, rw_role name
) returns text
    language sql stable security invoker
begin atomic
    select string_agg(s.ddl, E';\n' order by s.ordinal)
    from freehold._template_statements(template, version, schema_name, owner_role, rw_role) as s;
end;
