-- The task seal: one step, from where the last one came to. Nothing may be written before it: what a transaction that has a number
-- seals, the next one reads again. Touches: task (its own row), what audit_seal_step() does.
create or replace function freehold._task_seal() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_step record;
begin
    select * into v_step
    from freehold.audit_seal_step(null, (select t.resume::uuid from freehold.task as t where t.name = 'seal'));
    update freehold.task as t
    set resume = v_step.next
    where t.name = 'seal' and t.resume is distinct from v_step.next::text;
    return v_step.rows + (v_step.next is not null)::integer;
end
$$;
