-- session: superuser
-- Sign-ups: who may call what, what is personal, what is refused, and what auditors, workers and tenants see. A superuser's session, so
-- that it can be all of them.
begin;
set local search_path = tap, pg_catalog;
select no_plan();
create function pg_temp.code(statement text) returns text language plpgsql as $$
begin
    execute statement;
    return 'ok';
exception when others then
    return sqlstate;
end $$;
create function pg_temp.done() returns integer language plpgsql as $$
declare
    v_made integer;
    v_steps integer := 0;
begin
    loop
        v_made := freehold.signup_work();
        exit when v_made = 0;
        v_steps := v_steps + v_made;
    end loop;
    return v_steps;
end $$;
create role s_admin in role freehold_admin;
create role s_auditor in role freehold_auditor;
create role s_worker in role freehold_worker;
create role s_resolver in role freehold_resolver;
create role s_staff in role freehold_break_glass;
create role s_nobody;
select freehold.template_create('sign');
select freehold.template_apply('sign', 'create table note (body text)');
select freehold.template_create('raw');
select freehold.template_freeze('sign');
select freehold.tenant_provision('a', 'sign');

-- Who may call what.
select results_eq(
    $$select p.proname::text collate "default", string_agg(substr(r.rolname, 3) collate "default", ' ' order by r.rolname)
      from pg_proc as p, unnest(array['s_admin', 's_auditor', 's_worker', 's_resolver', 's_staff', 's_nobody', 'tenant_a_rw', 'tenant_a_owner',
                                      'freehold_gate_01', 'freehold_tenant']) as r (rolname)
      where p.pronamespace = 'freehold'::regnamespace and p.proname ~ '^(_?signup_|template_seed_|_user_check|_registration_check)'
          and has_function_privilege(r.rolname, p.oid, 'execute')
      group by p.proname order by 1$$,
    $$values ('signup_begin', 'admin'), ('signup_get', 'admin auditor worker'), ('signup_list', 'admin auditor worker'),
             ('signup_person', 'admin'), ('signup_retry', 'admin'), ('signup_step', 'admin'), ('signup_undo', 'admin'),
             ('signup_work', 'admin worker'), ('template_seed_get', 'admin auditor worker'), ('template_seed_set', 'admin')$$,
    'admins do, auditors read, workers work; who is personal is the admins''');
select is(has_table_privilege(r, 'freehold.' || t, 'select, insert, update, delete'), false, r || ' cannot touch ' || t)
from unnest(array['s_admin', 's_auditor', 's_worker', 's_resolver', 's_staff', 'tenant_a_rw', 'tenant_a_owner', 'freehold_gate_01']) as r,
     unnest(array['signup', 'signup_request', 'template_seed']) as t;
select is(pg_temp.code(format('set local role %I; select freehold.%s', r, c)), '42501', r || ' may not ' || c)
from unnest(array['s_auditor', 's_resolver', 's_nobody', 'tenant_a_rw', 'tenant_a_owner', 'freehold_gate_01']) as r,
     unnest(array['signup_begin(''i'', ''s'', slug => ''x'', template => ''sign'')', 'signup_step(1)', 'signup_work()', 'signup_undo(1, ''x'')',
                  'signup_retry(1)', 'signup_person(1)', 'template_seed_set(''sign'', ''select 1'')', '_signup_get(1)']) as c;
select is(pg_temp.code(format('set local role %I; select freehold.%s', r, c)), '42501', r || ' may not even ' || c)
from unnest(array['s_resolver', 's_nobody', 'tenant_a_rw', 'tenant_a_owner', 'freehold_gate_01']) as r,
     unnest(array['signup_get(1)', 'signup_list()', 'template_seed_get(''sign'')']) as c;
reset role;

-- What is not begun.
select is(pg_temp.code(format('select freehold.signup_begin(%s)', c)), e, e || ': ' || c)
from (values ('null, ''s'', slug => ''x''', 'FH003'), ('''i'', '''', slug => ''x''', 'FH003'), ('''i'', ''s'', ''no mail'', slug => ''x''', 'FH003'),
             ('''i'', ''s''', 'FH102'), ('''i'', ''s'', slug => ''x'', template => ''nope''', 'FH102'),
             ('''i'', ''s'', slug => ''x'', template => ''raw''', 'FH208'), ('''i'', ''s'', slug => ''x'', template => null', 'FH102'),
             ('''i'', ''s'', slug => ''X'', template => ''sign''', 'FH001'), ('''i'', ''s'', template => ''sign''', 'FH001'),
             ('''i'', ''s'', slug => ''a'', template => ''sign''', 'FH201'), ('''i'', ''s'', external_id => ''-'', template => ''sign''', 'FH002'),
             ('''i'', ''s'', slug => ''x'', external_id => ''-'', template => ''sign''', 'FH002'),
             ('''i'', ''s'', slug => ''x'', template => ''sign'', settings => ''[]''', 'FH003'),
             ('''i'', ''s'', slug => ''x'', template => ''sign'', settings => null', 'FH003'),
             ('''i'', ''s'', slug => ''x'', template => ''sign'', seed => ''{}''', 'FH003'),
             ('''i'', ''s'', slug => ''x'', template => ''sign'', seed => ''"x"''', 'FH003'),
             ('''i'', ''s'', display_name => repeat(''x'', 401), template => ''sign''', 'FH005'),
             ('''i'', ''s'', slug => ''x'', template => ''sign'', idempotency_key => ''''', 'FH003'),
             ('''i'', ''s'', slug => ''x'', template => ''sign'', idempotency_key => repeat(''x'', 201)', 'FH003')) as v (c, e);
select is_empty('select * from freehold.signup union all select s.* from freehold.signup as s, freehold.signup_request', 'nothing is left of it');
select freehold.user_ensure('i', 'off');
select freehold.user_deactivate((select id from freehold.user_list() where subject = 'off'));
select freehold.user_ensure('i', 'mail', 'Taken@corp.example');
select is(pg_temp.code($$select freehold.signup_begin('i', 'off', slug => 'x', template => 'sign')$$), 'FH202', 'nor by who is not active');
select is(pg_temp.code($$select freehold.signup_begin('i', 'other', 'taken@corp.example', slug => 'x', template => 'sign')$$), 'FH242',
          'nor with another''s e-mail');
select is(pg_temp.code($$select freehold.signup_begin('i', 'mail', 'taken@corp.example', slug => 'own', template => 'sign')$$), 'ok', 'with one''s own');
select is(pg_temp.code(format('select freehold.%s', c)), e, e || ': ' || c)
from (values ('signup_get(4711)', 'FH151'), ('signup_get(null)', 'FH151'), ('signup_step(4711)', 'FH151'), ('signup_person(4711)', 'FH151'),
             ('signup_retry(4711)', 'FH151'), ('signup_undo(4711, ''x'')', 'FH151'), ('signup_undo(4711, '' '')', 'FH003'),
             ('signup_work(0)', 'FH003'), ('signup_work(null)', 'FH003'), ('template_seed_set(''nope'', ''x'')', 'FH102'),
             ('template_seed_set(null, ''x'')', 'FH102'), ('template_seed_get(''nope'')', 'FH102'),
             (format('signup_retry(%s)', (select max(id) from freehold.signup)), 'FH253')) as v (c, e);
select is(pg_temp.done(), 4, 'four steps');

-- As the roles that are to do it.
set local role s_admin;
select lives_ok($$select freehold.template_seed_set('sign', 'insert into note values (current_setting(''freehold.seed''))')$$, 'an admin says what runs');
select lives_ok($$select freehold.signup_begin('i', 'eve', 'eve@corp.example', 'Eve''s Shop', template => 'sign', seed => '{"a": 1}')$$, 'begins');
select results_eq($$select p.email, p.display_name from freehold.signup_list(max_rows => 10) as s, freehold.signup_person(s.id) as p where s.slug = 'eve-s-shop'$$,
                  $$values ('eve@corp.example', 'Eve''s Shop')$$, 'and sees who it is');
set local role s_auditor;
select results_eq('select slug, stage from freehold.signup_list(''running'')', $$values ('eve-s-shop', 'claimed')$$, 'an auditor sees how far it is');
select is_empty($$select * from freehold.signup_list() as s where to_jsonb(s)::text ~* 'corp\.example|Eve''s'$$, 'and nothing of the person');
set local role s_worker;
select is(freehold.signup_work(1), 1, 'a worker takes a step');
select is(freehold.signup_work(1), 1, 'and another');
select is(freehold.signup_work(10), 1, 'the one that runs the script is the last of its transaction');
select is(freehold.signup_work(10), 1, 'then the last');
select is(freehold.signup_work(10), 0, 'and no more');
reset role;
select results_eq('select body from tenant_eve_s_shop.note', array['{"a": 1}'], 'the script ran once');
select is(current_setting('freehold.seed'), '', 'and what it read is gone');
select is_empty('select * from freehold.signup_request', 'what was asked for is not kept');
select is_empty($$select kind from freehold.event as e where to_jsonb(e)::text ~* 'corp\.example|Eve''s'$$, 'events have ids alone');
select results_eq(
    $$select e.kind, e.detail ? 'signup' from freehold.event as e where e.slug = 'eve-s-shop' and e.kind like 'signup.%' order by e.id$$,
    $$values ('signup.claimed', true), ('signup.provisioned', true), ('signup.owned', true), ('signup.seeded', true), ('signup.ready', true)$$,
    'an event a stage');

-- Pages.
select freehold.signup_begin('i', 'p' || n, slug => 'p' || n, template => 'sign') from generate_series(1, 5) as n;
select results_eq($$select slug from freehold.signup_list('running', after => (select id from freehold.signup where slug = 'p2'), max_rows => 2)$$,
                  array['p3', 'p4'], 'by number, page by page');

-- What is erased takes what it asked for along, and an erasure's residue tells what stays.
select freehold.signup_step((select id from freehold.signup where slug = 'p1'));
update freehold.signup set error_message = 'quotes a row' where slug = 'p1';
select freehold.tenant_retire('p1', '0');
select freehold.tenant_erase_step('p1', 'over');
select freehold.operation_step(id) from freehold.operation_list('p1') where kind = 'erase' and state = 'running';
select is((select detail -> 'residue' from freehold.operation_list('p1') where kind = 'erase'), '[]', 'nothing is left over');
select results_eq($$select s.error_message, r.subject from freehold.signup as s left join freehold.signup_request as r on r.signup_id = s.id where slug = 'p1'$$,
                  $$values (null::text, null::text)$$, 'neither words nor names');
select is(pg_temp.code($$select freehold.signup_step((select id from freehold.signup where slug = 'p1'))$$), 'FH253', 'it cannot go on');
select is((freehold.signup_undo((select id from freehold.signup where slug = 'p1'), 'over')).state, 'undone', 'but be taken back');
select freehold.template_seed_set('sign', null);
select is(freehold.template_seed_get('sign'), null, 'the script is gone');
select * from finish();
rollback;
