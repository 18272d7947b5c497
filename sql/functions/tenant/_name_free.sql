-- Names are taken with plain CREATE, never `if not exists`; this only says it better, and before anything is made.
create or replace function freehold._name_free(schema_name name, roles name[]) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_taken text;
begin
    select string_agg(what, ', ') into v_taken
    from (
        select format('schema %I', n.nspname) as what from pg_namespace as n where n.nspname = schema_name
        union all
        select format('role %I', r.rolname) from pg_roles as r where r.rolname = any (roles)
    ) as found;
    if v_taken is not null then
        raise exception 'the name is taken: %', v_taken
            using errcode = 'FH209', detail = 'It belongs to nothing in this registry.',
                  hint = 'Roles are cluster-wide: another database''s installation may own it. Install each with its own '
                      'freehold.role_prefix and freehold.schema_prefix.';
    end if;
end
$$;
