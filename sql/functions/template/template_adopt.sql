-- security definer: makes roles and a schema through a cell. Touches: template, operation (one row each).
create or replace function freehold.template_adopt(name text, schema regnamespace) returns freehold.template
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_template freehold.template;
    v_operation bigint := freehold._operation_begin('template_adopt', null, template_adopt.name,
                                                    jsonb_build_object('schema', schema::text));
    v_script text;
    v_statements bigint;
begin
    if not exists (select from pg_namespace as n where n.oid = schema) then
        raise exception 'there is no schema %', schema using errcode = 'FH106';
    end if;
    if schema = 'freehold'::regnamespace or schema::text ~ '^(pg_|information_schema$)' then
        raise exception 'schema % cannot be adopted', schema using errcode = 'FH003';
    end if;
    perform freehold._schema_check(schema);
    v_template := freehold._template_register(template_adopt.name);
    select string_agg(d.ddl, E';\n' order by d.ordinal), count(*) into v_script, v_statements
    from freehold._schema_ddl(schema, quote_ident(v_template.schema_name),
                              jsonb_build_object((select pg_get_userbyid(n.nspowner) from pg_namespace as n where n.oid = schema),
                                                 quote_ident(v_template.owner_role))) as d
    -- Who may use the schema is not taken over: a grant to PUBLIC would let every tenant into every other.
    where d.phase <> 'data' and d.kind <> 'publication'
        and not (d.kind = 'acl' and strpos(d.ddl, format(' on schema %I ', v_template.schema_name)) > 0);
    perform freehold._lock_check(v_statements * 1.7, format('adopting schema %s', schema));
    perform freehold._owner_run(v_template.cell, v_template.schema_name, v_template.owner_role, coalesce(v_script, ''));
    perform freehold._owner_run(v_template.cell, v_template.schema_name, v_template.owner_role,
        concat_ws(E';\n', freehold._runtime_grants(quote_ident(v_template.schema_name)::regnamespace, v_template.rw_role),
                  freehold._owner_defaults()));
    perform freehold._publication_join(v_template.cell, v_template.schema_name, v_template.owner_role,
                                       freehold._publication_list(schema));
    perform freehold._operation_end(v_operation, jsonb_build_object('statements', v_statements));
    return v_template;
end
$$;

comment on function freehold.template_adopt(text, regnamespace) is
    'Makes a template of an existing schema, which stays as it is: its DDL is replayed in template_<name>, owned by the '
    'template''s owner, and the runtime role is granted its rights. No rows come along. The schema''s name is quoted as in SQL, '
    '"My App" say; an unknown one is PostgreSQL''s own error 3F000. Raises FH006 naming what cannot be carried, before anything '
    'is made, FH204 for a template that exists, FH303 for a schema that the owner role may not use.';
