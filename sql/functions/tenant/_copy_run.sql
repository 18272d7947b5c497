-- Runs a script as the owner of a copy that may read the source's rows for the moment, those under FORCE ROW LEVEL SECURITY
-- and those whose rights the source's owner gave up included.
create or replace function freehold._copy_run(source freehold.tenant, target freehold.tenant, script text, staged text)
    returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_lift record;
begin
    select * into v_lift from freehold._rows_lift(to_regnamespace(quote_ident(source.schema_name)));
    if v_lift.lift is not null then
        perform freehold._owner_run(source.cell, source.schema_name, source.owner_role, v_lift.lift);
    end if;
    perform freehold._cell_run(source.cell, format('grant %I to %I%s', source.owner_role, target.owner_role,
                                                   freehold._membership(true, false)));
    perform freehold._clone_run(target, script, staged, all_rows => true);
    perform freehold._cell_run(source.cell, format('revoke %I from %I', source.owner_role, target.owner_role));
    perform freehold._membership_assert(array[quote_ident(source.owner_role)::regrole], target.owner_role);
    if v_lift.restore is not null then
        perform freehold._owner_run(source.cell, source.schema_name, source.owner_role, v_lift.restore);
    end if;
end
$$;
