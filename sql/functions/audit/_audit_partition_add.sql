-- Adds a partition to a home's log; without bounds, the one that takes what no other does. What that has taken of its time, whose
-- writers are kept out by the caller, moves into it. Nobody reads or writes a partition but through the log.
create or replace function freehold._audit_partition_add(home_id uuid, name name, lower timestamptz, upper timestamptz) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_log constant name := freehold._audit_name(home_id);
begin
    perform freehold._audit_run(format(
        'create table freehold_audit.%1$I (like freehold_audit.%2$I including defaults);
         alter table freehold_audit.%1$I replica identity full;
         comment on table freehold_audit.%1$I is %3$L', name, v_log, format('Of the rows that home %s changed.', home_id)));
    if lower is null then
        perform freehold._audit_run(format('alter table freehold_audit.%I attach partition freehold_audit.%I default', v_log, name));
        return;
    end if;
    perform freehold._audit_run(format(
        'with moved as (
             delete from freehold_audit.%2$I as r where r.at >= %3$L and r.at < %4$L returning r.*
         )
         insert into freehold_audit.%1$I select m.* from moved as m', name, v_log || '_rest', lower, upper));
    perform freehold._audit_run(format('alter table freehold_audit.%I attach partition freehold_audit.%I for values from (%L) to (%L)',
                                       v_log, name, lower, upper));
end
$$;
