-- Names are taken with plain CREATE, never `if not exists`; this only says it better, and before anything is made.
create or replace function freehold._name_free(schema_name name, roles name[]) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_role name;
    v_taken text[];
begin
    if to_regnamespace(quote_ident(schema_name)) is not null then
        v_taken := array[format('schema %I', schema_name)];
    end if;
    foreach v_role in array roles loop
        if to_regrole(quote_ident(v_role)) is not null then
            v_taken := v_taken || format('role %I', v_role);
        end if;
    end loop;
    if v_taken is not null then
        raise exception 'the name is taken: %', array_to_string(v_taken, ', ')
            using errcode = 'FH209', detail = 'It belongs to nothing in this registry.',
                  hint = 'Roles are cluster-wide: another database''s installation may own it. Install each with its own '
                      'freehold.role_prefix and freehold.schema_prefix.';
    end if;
end
$$;
