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
    v_what constant text := format('adopting schema %s', schema);
    v_staged constant text := format('call freehold.template_adopt_staged(%L, %L)', template_adopt.name, schema);
    v_script text;
    v_audit text;
    v_statements bigint;
begin
    -- Asked before all that takes long: a schema that is too large is known by its size.
    perform freehold._lock_check(freehold._schema_locks(schema, making => true), v_what, v_staged);
    perform freehold._adopt_check(schema);
    v_template := freehold._template_register(template_adopt.name);
    select string_agg(d.ddl, E';\n' order by d.ordinal) filter (where d.phase <> 'audit'),
           string_agg(d.ddl, E';\n' order by d.ordinal) filter (where d.phase = 'audit'), count(*)
    into v_script, v_audit, v_statements
    from freehold._adopt_ddl(schema, v_template) as d;
    perform freehold._lock_check(v_statements * 2, v_what, v_staged);
    perform freehold._build_run(v_template.cell, v_template.schema_name, v_template.owner_role, v_script, v_staged);
    perform freehold._publication_join(v_template.cell, v_template.schema_name, v_template.owner_role,
                                       freehold._publication_list(schema));
    perform freehold._group_join(v_template.cell, v_template.owner_role, v_template.rw_role);
    if v_audit is not null then
        perform freehold._build_run(v_template.cell, v_template.schema_name, v_template.owner_role, v_audit, v_staged);
    end if;
    perform freehold._operation_end(v_operation, jsonb_build_object('statements', v_statements));
    return v_template;
exception
    -- Reading DDL takes locks, too.
    when out_of_memory then
        raise exception '% takes more locks than one transaction can have', v_what
            using errcode = 'FH402', detail = sqlerrm, hint = freehold._lock_hint(v_staged);
end
$$;

comment on function freehold.template_adopt(text, regnamespace) is
    'Makes a template of an existing schema, which stays as it is: its DDL is replayed in template_<name>, owned by the '
    'template''s owner, and the runtime role is granted its rights. No rows come along. The schema''s name is quoted as in SQL, '
    '"My App" say; an unknown one is PostgreSQL''s own error 3F000. Raises FH006 naming what cannot be carried, before anything '
    'is made, FH204 for a template that exists, FH303 for a schema that the owner role may not use, FH402 for one that is '
    'too large for one transaction.';
