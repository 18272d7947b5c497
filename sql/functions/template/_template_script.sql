-- The frozen statements as one text, the tokens replaced. A token is longer than any identifier can be, so nothing else
-- of the text can be one. Memberships of publications are not the owner's to make: _publication_join().
create or replace function freehold._template_script(
    template text, version integer, schema_name name, owner_role name, rw_role name
) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_script text;
begin
    select string_agg(d.ddl, E';\n' order by d.ordinal) into v_script
    from freehold.template_ddl as d
    where d.template = _template_script.template and d.version = _template_script.version and d.kind <> 'publication';
    v_script := replace(v_script, freehold._ddl_token('schema'), quote_ident(schema_name));
    v_script := replace(v_script, freehold._ddl_token('owner'), quote_ident(owner_role));
    v_script := replace(v_script, freehold._ddl_token('rw'), quote_ident(rw_role));
    return concat_ws(E';\n', v_script, freehold._owner_defaults());
end
$$;
