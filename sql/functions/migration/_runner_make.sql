-- The runner of a home, made where there is none: a definer function of its owner's that has its argument executed, so that a
-- migration runs as the owner without anybody becoming a member of that role, which would cost every session of the cluster its
-- cache of memberships. It is made in the schema, where the owner may create, and moved to one that the owner may not even use:
-- so no migration can alter or replace it. It goes with its owner.
create or replace function freehold._runner_make(home freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_name constant name := freehold._runner_name(home.id);
    v_made constant text := format('%I.%I(text, text)', home.schema_name, v_name);
begin
    if to_regproc(format('freehold_runner.%I', v_name)) is not null then
        return;
    end if;
    perform freehold._borrow_run(home.cell, array[quote_ident(home.owner_role)::regrole], format(
        'create function %1$s returns bigint
             language sql volatile security definer
             set search_path = pg_catalog, pg_temp
         begin atomic
             select freehold_runner.execute_script(script, path);
         end;
         comment on function %2$s is %3$L;
         alter function %2$s owner to %4$I;
         revoke all on function %2$s from public;
         grant execute on function %2$s to %5$I;
         alter function %2$s set schema freehold_runner',
        format('%I.%I(script text, path text)', home.schema_name, v_name), v_made,
        'security definer: runs migrations of one schema as its owner. EXECUTE is freehold''s alone.', home.owner_role,
        freehold._role('owner')));
end
$$;
