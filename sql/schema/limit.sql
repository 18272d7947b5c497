-- Limits came after the first installs: a column of its own statement, and two functions whose results gained a column, which
-- cannot be replaced.
alter table freehold.tenant add column if not exists limits jsonb not null default '{}' check (jsonb_typeof(limits) = 'object');
comment on column freehold.tenant.limits is
    'What limit_set() said: numbers by name, times in milliseconds and sizes in kB. limit_list() shows them for people.';

do $$
begin
    if exists (select from pg_proc as p
               where p.oid = to_regprocedure('freehold.tenant_context(text, text)') and 'limits' <> all (p.proargnames))
    then
        drop function freehold.tenant_context(text, text);
        drop function freehold._context_open(text, text, text);
    end if;
end
$$;
