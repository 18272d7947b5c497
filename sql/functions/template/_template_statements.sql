-- The frozen script for one schema, the tokens replaced. A token is longer than any identifier can be, so nothing else
-- of the text can be one. What enables the audit is a phase of its own: the owner calls it as a member of the tenants' group.
-- Memberships of publications are not the owner's to make: _publication_join().
create or replace function freehold._template_statements(
    template text, version integer, schema_name name, owner_role name, rw_role name
) returns table (ordinal integer, phase text, ddl text)
    language sql stable security invoker
begin atomic
    select d.ordinal, case d.kind when 'audit' then 'audit' else d.phase end,
           replace(replace(replace(coalesce(d.script, d.ddl), freehold._ddl_token('schema'), quote_ident(schema_name)),
                           freehold._ddl_token('owner'), quote_ident(owner_role)),
                   freehold._ddl_token('rw'), quote_ident(rw_role))
    from freehold.template_ddl as d
    where d.template = _template_statements.template and d.version = _template_statements.version and d.kind <> 'publication'
        and d.script is distinct from ''
    union all
    select 2147483647, 'post', concat(freehold._owner_defaults(), format('; grant usage on schema %I to %I', schema_name, rw_role));
end;
