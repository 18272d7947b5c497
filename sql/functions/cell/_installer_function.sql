-- Where the install could not pass on CREATE on the database, the cells cannot make schemas, and the installing role goes on
-- doing it: through a definer function of its own, which makes and renames schemas of this installation and nothing else.
-- Called at the end of every install by the installing role, for the moment a member of the owner role; where the cells may
-- make schemas themselves, a function of an earlier install goes. Prefixes are written into it, as it may read no table.
create or replace function freehold._installer_function() returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
declare
    v_owner constant name := freehold._role('owner');
begin
    drop function if exists freehold._installer_schema(name, name, name);
    if has_database_privilege(freehold._role('cell_00'), current_database(), 'create with grant option') then
        return;
    end if;
    execute format(
        'create function freehold._installer_schema(schema_name name, owner_role name, old_name name) returns void
             language plpgsql security definer
             set search_path = pg_catalog, pg_temp
         as %L', format('
-- security definer: only a role with CREATE on the database makes and renames schemas. EXECUTE is the owner''s alone.
begin
    if not coalesce(
        schema_name ~ %1$L and coalesce(old_name, schema_name) ~ %1$L
            and owner_role = format(''%%s_owner'', coalesce(old_name, schema_name))::name
        or schema_name ~ ''^template_[a-z][a-z0-9_]*$'' and old_name is null
            and owner_role = format(''%%s%%s_owner'', %2$L, schema_name)::name, false)
    then
        raise exception ''these are not the schema and the owner of a tenant or template''
            using errcode = ''FH303'', detail = format(''Schema %%L, owner %%L, old name %%L.'', schema_name, owner_role, old_name);
    end if;
    if old_name is null then
        execute format(''create schema %%I authorization %%I'', schema_name, owner_role);
        execute format(''grant usage on schema %%I to %%I'', schema_name, %3$L);
    else
        execute format(''alter schema %%I rename to %%I'', old_name, schema_name);
    end if;
end
', format('^%s[a-z0-9_]+$', freehold._setting_value('schema_prefix')), freehold._role(''), v_owner));
    execute format('comment on function freehold._installer_schema(name, name, name) is %L',
                   format('Makes or renames a schema of this installation as %s. Only %s may call it.', current_user, v_owner));
    execute 'revoke all on function freehold._installer_schema(name, name, name) from public';
    execute format('grant execute on function freehold._installer_schema(name, name, name) to %I', v_owner);
end
$$;
