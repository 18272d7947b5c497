-- Adds tables to publications. That takes the owner of both in one role: so the control plane's owner, who owns the
-- publications, is a member of the schema's owner role for the moment.
--
-- The statements run with the control plane's rights. They are the deparser's, names quoted, literals as it quotes them under
-- the setting pinned here; the one expression in them, the row filter, holds by PostgreSQL's own rule nothing but what
-- pg_catalog has, and with pg_catalog first no name of the schema's can be taken for it: not even the type of a literal,
-- whose reading runs code. Locks: the publication until commit, so callers come last.
create or replace function freehold._publication_join(
    cell integer, schema_name name, owner_role name, statements text[]
) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set standard_conforming_strings = on
as $$
declare
    v_owner name;
    v_statement text;
begin
    if coalesce(cardinality(statements), 0) = 0 then
        return;
    end if;
    v_owner := freehold._role('owner');
    perform freehold._cell_run(cell, format('grant %I to %I%s', owner_role, v_owner, freehold._membership(true, false)));
    foreach v_statement in array statements loop
        execute replace(v_statement, freehold._ddl_token('schema'), quote_ident(schema_name));
    end loop;
    perform freehold._cell_run(cell, format('revoke %I from %I', owner_role, v_owner));
    perform freehold._membership_assert(array[quote_ident(owner_role)::regrole], v_owner);
end
$$;
