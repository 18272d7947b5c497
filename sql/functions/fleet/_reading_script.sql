-- The statements by which a cell that has the rights of a tenant's owner and reader makes its reading function: a definer function
-- of the reader's. It is made in the schema and moved to one that no tenant may even use, as a runner is; the reader may create there
-- for that moment, as who gets a function must.
create or replace function freehold._reading_script(tenant freehold.tenant) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return format(
        'create function %1$s(query text, path text, until timestamptz, max_rows integer, max_bytes bigint,
                              out answer jsonb[], out more text)
             language sql volatile security definer
             set search_path = pg_catalog, pg_temp
         begin atomic
             select r.answer, r.more from freehold_runner.execute_read(query, path, until, max_rows, max_bytes) as r;
         end;
         comment on function %1$s is %2$L;
         grant create on schema %5$I to %3$I;
         alter function %1$s owner to %3$I;
         revoke create on schema %5$I from %3$I;
         revoke all on function %1$s from public;
         grant execute on function %1$s to %4$I;
         alter function %1$s set schema freehold_runner',
        format('%I.%I', tenant.schema_name, freehold._reading_name(tenant.id)),
        'security definer: runs fleet queries in one schema as its reader. EXECUTE is freehold''s alone.', tenant.ro_role,
        freehold._role('owner'), tenant.schema_name);
end
$$;
