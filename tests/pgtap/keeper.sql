-- Who leads, what a run records, and who may do what with the tasks of the keeper.
begin;
set local search_path = tap, pg_catalog;
select no_plan();
grant freehold_owner, freehold_admin, freehold_auditor, freehold_worker, freehold_tenant, freehold_resolver, freehold_break_glass
    to current_user;

create temporary view may as
    select r.role, p.proname::text as call
    from unnest(array['admin', 'auditor', 'worker', 'tenant', 'resolver', 'break_glass', 'gate_01']) as r (role)
    cross join pg_proc as p
    where p.pronamespace = 'freehold'::regnamespace and p.proname ~ '^(keeper|task|statistic|tenant_size|reserve)_'
        and has_function_privilege('freehold_' || r.role, p.oid, 'execute');
select set_eq(
    $$select role, call from may where role <> 'admin'$$,
    $$select r, c from unnest(array['auditor', 'worker']) as r
      cross join unnest(array['keeper_get', 'task_list', 'task_due', 'statistic_list', 'tenant_size_list', 'reserve_status']) as c$$,
    'auditors and workers look, nobody else does anything');
select set_eq(
    $$select call from may where role = 'admin'$$,
    array['keeper_get', 'keeper_lead', 'keeper_resign', 'task_list', 'task_due', 'task_run', 'task_failed', 'task_set', 'statistic_list',
          'tenant_size_list', 'reserve_status', 'reserve_set', 'reserve_fill', 'reserve_fill_step'],
    'an admin keeps, and needs to be nothing else');
select is_empty(
    $$select r.role, p.proname
      from unnest(array['admin', 'auditor', 'worker', 'tenant', 'resolver', 'break_glass', 'gate_01']) as r (role)
      cross join pg_proc as p
      where p.pronamespace = 'freehold'::regnamespace and p.proname ~ '^_(task|keeper|statistic|tenant_measure)'
          and has_function_privilege('freehold_' || r.role, p.oid, 'execute')$$,
    'nobody calls what a task does past task_run()');

set local role freehold_owner;
create function freehold._test_ok() returns integer language sql set search_path = pg_catalog, pg_temp as 'select 0';
create function freehold._test_more() returns integer language sql set search_path = pg_catalog, pg_temp as 'select 3';
create function freehold._test_bad() returns integer language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    insert into freehold.setting (name, value, description) values ('left', 'x', 'x');
    raise exception 'planted' using errcode = 'FH501';
end $$;
insert into freehold.task (name, routine, every, description)
values ('ok', '_test_ok', '1 minute', 'x'), ('more', '_test_more', '1 minute', 'x'), ('bad', '_test_bad', '1 minute', 'x'),
       ('gone', '_test_gone', '1 minute', 'x');
select is_empty(
    $$select t.name
      from freehold.task as t
      where t.name <> 'gone' and not exists (
          select
          from pg_proc as p
          where p.pronamespace = 'freehold'::regnamespace and p.proname = t.routine and p.pronargs = p.pronargdefaults
              and p.prorettype in ('integer'::regtype, 'bigint'::regtype) and not p.proretset)$$,
    'every task that is installed has its function, which needs no arguments and returns how much it did');

set local role freehold_admin;
select ok(freehold.keeper_lead('one'), 'one takes the lease');
select ok(not freehold.keeper_lead('two'), 'another one does not');
select ok(freehold.keeper_lead('one', '1 minute'), 'one renews it');
select is((select holder from freehold.keeper_get() where leads), 'one', 'all see who leads');
select throws_ok($$select freehold.keeper_lead(' ')$$, 'FH003', null, 'a keeper has a name');
select throws_ok($$select freehold.keeper_lead('one', '0')$$, 'FH003', null, 'and a lease some length');

select is(freehold.task_run('ok', 'one'), 0, 'who leads runs a task');
select throws_ok($$select freehold.task_run('ok', 'two')$$, 'FH261', null, 'who does not, does not');
select throws_ok($$select freehold.task_failed('ok', '57014', 'x', 'two')$$, 'FH261', null, 'nor records anything');
select throws_ok($$select freehold.task_run('none')$$, 'FH161', null, 'there is no such task');
select throws_ok($$select freehold.task_set('none')$$, 'FH161', null, 'for nobody');
select throws_ok($$select freehold.task_set('ok', '0')$$, 'FH003', null, 'not every nothing');
select is(freehold.task_run('bad'), null, 'one that fails raises nothing');
select is_empty($$select from freehold.setting_list() where name = 'left'$$, 'and leaves nothing');
select results_eq(
    $$select last_error_code, last_error, failures, last_result, next_due_at - last_finished_at from freehold.task_list() where name = 'bad'$$,
    $$values ('FH501', 'planted', 1, null::integer, interval '10 seconds')$$, 'but says why, and is put off');
select is(freehold.task_run('bad'), null, 'again');
select is((select next_due_at - last_finished_at from freehold.task_list() where name = 'bad'), interval '20 seconds', 'for longer');
select is(freehold.task_run('gone'), null, 'a task without its function fails like another');
select is((select last_error_code from freehold.task_list() where name = 'gone'), '42883', 'and says what is missing');
select is((select count(coalesce(freehold.task_run('bad'), 1)) from generate_series(1, 12)), 12::bigint, 'a dozen times');
select is((select next_due_at - last_finished_at from freehold.task_list() where name = 'bad'), interval '1 hour', 'an hour at most');
select is(freehold.task_run('more'), 3, 'what has more to do');
select is((select next_due_at from freehold.task_list() where name = 'more'),
          (select last_finished_at from freehold.task_list() where name = 'more'), 'is due at once');
select is((select count(freehold.task_run('more')) from generate_series(1, 999)), 999::bigint, 'a thousand times');
select is((select next_due_at - last_finished_at from freehold.task_list() where name = 'more'), interval '1 minute', 'then it waits');
select ok((freehold.task_failed('ok', '57014', 'cancelled')).last_error_code = '57014', 'what was cut off is recorded');
select is((select name from freehold.task_due() limit 1), (select min(name) from freehold.task_due() where due_in = interval '0'),
          'what is due stands at the top');

select ok(not (freehold.task_set('ok', enabled => false)).enabled, 'an operator disables one');
select is(freehold.task_run('ok', 'one'), 0, 'then a keeper leaves it out');
select is((select last_error_code from freehold.task_list() where name = 'ok'), '57014', 'it was not run');
select is(freehold.task_run('ok'), 0, 'by hand it is');
select is((select last_error_code from freehold.task_list() where name = 'ok'), null, 'it was');
select ok(freehold.keeper_resign('one'), 'who leads resigns');
select ok(not freehold.keeper_resign('one'), 'once');
select ok(freehold.keeper_lead('two'), 'then another leads at once');

set local role freehold_auditor;
select isnt_empty('select * from freehold.task_list()', 'an auditor looks');
select throws_ok($$select freehold.task_run('ok')$$, '42501', null, 'and runs nothing');
select throws_ok($$select * from freehold.task$$, '42501', null, 'nor reads the table');
select throws_ok($$select freehold._task_erasure()$$, '42501', null, 'nor calls what a task calls');
reset role;
select * from finish();
rollback;
