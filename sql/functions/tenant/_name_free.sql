-- Names are taken with plain CREATE, never `if not exists`; this only says it better, and before anything is made.
create or replace function freehold._name_free(schema_name name, roles name[]) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    -- A tenant has three roles at most.
    if coalesce(to_regnamespace(quote_ident(schema_name))::oid, to_regrole(quote_ident(roles[1])), to_regrole(quote_ident(roles[2])),
                to_regrole(quote_ident(roles[3]))) is null
    then
        return;
    end if;
    raise exception 'the name is taken: %', concat_ws(', ',
            case when to_regnamespace(quote_ident(schema_name)) is not null then format('schema %I', schema_name) end,
            (select string_agg(format('role %I', r.role), ', ')
             from unnest(roles) as r (role)
             where to_regrole(quote_ident(r.role)) is not null))
        using errcode = 'FH209', detail = 'It belongs to nothing in this registry.',
              hint = 'Roles are cluster-wide: another database''s installation may own it. Install each with its own '
                  'freehold.role_prefix and freehold.schema_prefix.';
end
$$;
