-- The statements by which a cell that has the rights of a home's owner makes its runner: a definer function of that owner's that has
-- its argument executed, so that a migration runs as the owner without anybody becoming a member of that role, which would cost every
-- session of the cluster its cache of memberships. It is made in the schema, where the owner may create, and moved to one that the
-- owner may not even use: so no migration can alter or replace it. It goes with its owner.
create or replace function freehold._runner_script(home freehold.tenant) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return format(
        'create function %1$s(script text, path text) returns bigint
             language sql volatile security definer
             set search_path = pg_catalog, pg_temp
         begin atomic
             select freehold_runner.execute_script(script, path);
         end;
         comment on function %1$s(text, text) is %2$L;
         alter function %1$s(text, text) owner to %3$I;
         revoke all on function %1$s(text, text) from public;
         grant execute on function %1$s(text, text) to %4$I;
         alter function %1$s(text, text) set schema freehold_runner',
        format('%I.%I', home.schema_name, freehold._runner_name(home.id)),
        'security definer: runs migrations of one schema as its owner. EXECUTE is freehold''s alone.', home.owner_role,
        freehold._role('owner'));
end
$$;
