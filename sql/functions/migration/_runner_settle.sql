-- Fires what a script has put off, as the owner, until nothing more comes of it. A trigger that SET CONSTRAINTS fires can put off
-- others. Those run at the end of the transaction: up to 17 as its user, the caller; from 18 on as the owner, but after all that
-- is asked of the session here. What is pending no catalog tells; but nothing is after a pass in which nobody wrote, and a writer
-- cannot hide from the number of the command.
-- Touches: tenant_migration (one row, which goes again).
create or replace function freehold._runner_settle(home freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_before bigint;
    v_command bigint;
begin
    -- A row of our own, in a table without foreign keys, whose checks would count as commands. Nobody ever sees it.
    insert into freehold.tenant_migration (home_id, migration_id, state, applied_at, applied_by)
    values (home.id, '', 'applying', freehold._now(), '');
    for v_pass in 1..100 loop
        v_before := v_command;
        update freehold.tenant_migration as m set rows = v_pass
        where m.home_id = home.id and m.migration_id = '' returning m.cmin::text::bigint into v_command;
        if v_command = v_before + 1 then
            delete from freehold.tenant_migration as m where m.home_id = home.id and m.migration_id = '';
            return;
        end if;
        perform freehold._runner_call(home, '-- what was put off');
    end loop;
    raise exception 'code that ran for a tenant puts off triggers without end' using errcode = 'FH303';
end
$$;
