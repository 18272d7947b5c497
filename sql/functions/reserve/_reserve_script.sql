-- The statements that make a ready-made schema a tenant's, written when it is filled so that a claim is quick: a format() string
-- over the quoted names of schema, owner and runtime role. Null where its cell does not rename schemas itself. Each statement
-- about a role looks through all roles of the cell, and those that change memberships make the next one read them anew: so the
-- way through the gate comes last, after the roles' new names.
create or replace function freehold._reserve_script(reserve freehold.reserve) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_made constant freehold.tenant := freehold._reserve_tenant(reserve);
    v_token constant text := freehold._ddl_token('schema');
    v_admission constant text := freehold._gate_admission(v_made);
begin
    -- It keeps the names that it has.
    if freehold._setting_value('naming') = 'opaque' then
        return replace(v_admission, '%', '%%');
    end if;
    if freehold._schema_maker(reserve.cell) <> freehold._cell_name(freehold._role('cell_'), reserve.cell) then
        return null;
    end if;
    return format('%s; alter role %I rename to %%2$s; alter role %I rename to %%3$s; %s',
        replace(replace(freehold._borrow_script(reserve.cell, array[quote_ident(reserve.owner_role)::regrole], concat_ws('; ',
            freehold._schema_paths(quote_ident(reserve.schema_name)::regnamespace, v_token),
            format('alter schema %I rename to %s', reserve.schema_name, v_token)), null), '%', '%%'), v_token, '%1$s'),
        reserve.owner_role, reserve.rw_role,
        replace(replace(v_admission, '%', '%%'), quote_ident(reserve.rw_role), '%3$s'));
end
$$;
