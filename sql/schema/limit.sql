-- Limits came after the first installs: a column of its own statement, and two functions whose results have gained columns since,
-- which cannot be replaced.
alter table freehold.tenant add column if not exists limits jsonb not null default '{}' check (jsonb_typeof(limits) = 'object');
comment on column freehold.tenant.limits is
    'What limit_set() said: numbers by name, times in milliseconds and sizes in kB. limit_list() shows them for people.';

do $$
declare
    v_function record;
begin
    for v_function in
        select distinct p.oid::regprocedure as name
        from (values ('freehold.tenant_context(text, text)', 'limits'), ('freehold._context_open(text, text, text)', 'settings'),
                     ('freehold.tenant_context(text, text)', 'audit'), ('freehold.tenant_context(text, text)', 'role_id'),
                     ('freehold._context_open(text, text, text)', 'audit'))
            as f (name, result)
        join pg_proc as p on p.oid = to_regprocedure(f.name) and f.result <> all (p.proargnames)
    loop
        execute format('drop function %s', v_function.name);
    end loop;
end
$$;
