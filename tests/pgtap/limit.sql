-- Limits of a tenant: who may say so and what is taken for one, what of it a tenant can lift, and what becomes of it through the
-- tenant's life.
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
create function pg_temp.held(role text) returns text[] language sql as $$
    select array(select c from pg_db_role_setting as s, unnest(s.setconfig) as c
                 where s.setrole = quote_ident(role)::regrole and c not like 'search_path=%' order by c)
           || array(select 'connections=' || r.rolconnlimit from pg_roles as r where r.rolname = role and r.rolconnlimit <> -1)
$$;
create function pg_temp.said(slug text) returns text[] language sql as $$
    select array_agg(format('%s=%s', l.name, l.value) order by l.name collate "C") from freehold.limit_list(slug) as l
$$;
select freehold.template_create('lim');
select freehold.template_freeze('lim');
select freehold.tenant_provision('a', 'lim');
select freehold.tenant_provision('b', 'lim');
select freehold.gate_grant(current_user);

-- What is taken for a limit.
select is(pg_temp.code(format('select freehold.limit_set(%L, %L, %L)', 'a', name, '1')), 'FH003', 'no limit: ' || name)
from unnest(array['session_replication_role', 'search_path', 'role', 'transaction_timeout', 'STATEMENT_TIMEOUT', 'log_statement', '',
                  'work_mem = 1; set local role', 'work_mem"']) as name;
select is(pg_temp.code($$select freehold.limit_set('a', null, '1')$$), 'FH003', 'nor is null');
select is(pg_temp.code($$select freehold.limit_reset('a', 'role')$$), 'FH003', 'nor is one taken back');
select is(pg_temp.code(format('select freehold.limit_set(%L, %L, %L)', 'a', name, value)), 'FH003', format('%s is not %L', name, value))
from (values ('statement_timeout', null), ('statement_timeout', ''), ('statement_timeout', '0'), ('statement_timeout', '-1'),
             ('statement_timeout', '5 parsecs'), ('statement_timeout', '5s; drop role tenant_b_rw'), ('statement_timeout', ''''),
             ('statement_timeout', '5s'', search_path = ''x'), ('statement_timeout', 'default'), ('statement_timeout', '0.1ms'),
             ('statement_timeout', '99999999999999'), ('statement_timeout', '10MB'), ('lock_timeout', 'soon'),
             ('idle_in_transaction_session_timeout', '0'), ('work_mem', '1kB'), ('work_mem', '-1'), ('work_mem', '5s'),
             ('temp_file_limit', '-1'), ('temp_file_limit', 'all'), ('connections', '0'), ('connections', '-1'), ('connections', 'x'),
             ('connections', '1.5'), ('connections', '99999999999'), ('concurrency', '0'), ('concurrency', '1; select 1')) as v (name, value);
select is(pg_temp.code($$select freehold.limit_set('nobody', 'work_mem', '1MB')$$), 'FH101', 'a limit is of a tenant');
select is(pg_temp.code($$select * from freehold.limit_list('nobody')$$), 'FH101', 'so is a list');
select is(pg_temp.said('a'), null, 'none of it is kept');
select is(pg_temp.held('tenant_a_rw'), array[]::text[], 'nor at the role');

-- What is said is what the role has, in one way of writing.
select is(current_setting('statement_timeout'), '0', 'nothing is set here');
select is((freehold.limit_set('a', name, value)).slug, 'a', format('%s = %s', name, value))
from (values ('statement_timeout', '5000'), ('lock_timeout', ' 1.5s '), ('idle_in_transaction_session_timeout', '1min'),
             ('work_mem', '65536kB'), ('connections', '4'), ('concurrency', ' 2 ')) as v (name, value);
select is(current_setting('statement_timeout'), '0', 'nor after that');
select is(pg_temp.said('a'), array['concurrency=2', 'connections=4', 'idle_in_transaction_session_timeout=1min', 'lock_timeout=1500ms',
                                   'statement_timeout=5s', 'work_mem=64MB'], 'limits are listed');
select is(pg_temp.held('tenant_a_rw'), array['idle_in_transaction_session_timeout=60000', 'lock_timeout=1500',
                                             'statement_timeout=5000', 'work_mem=65536', 'connections=4'], 'the role has them');
select is(pg_temp.held('tenant_a_owner'), array[]::text[], 'migrations do not');
select is(pg_temp.held('tenant_b_rw'), array[]::text[], 'nor does another tenant');
select is((freehold.limit_set('a', 'statement_timeout', '5s')).limits, (freehold.tenant_get('a')).limits, 'twice is once');
savepoint shown;
select freehold.limit_set('b', name, value) from (values
    ('statement_timeout', '86400000'), ('lock_timeout', '90000'), ('idle_in_transaction_session_timeout', '1'), ('work_mem', '1073741824'),
    ('connections', '1024')) as v (name, value);
select is(pg_temp.said('b'), array['connections=1024', 'idle_in_transaction_session_timeout=1ms', 'lock_timeout=90s',
                                   'statement_timeout=1d', 'work_mem=1TB'], 'in the largest unit that divides it');
rollback to shown;
select results_eq(
    $$select kind, actor, detail from freehold.operation_list('a', max_rows => 1)$$,
    $$values ('limit_set', session_user::text collate "default", jsonb '{"name": "statement_timeout", "old": "5s", "new": "5s"}')$$, 'each is a row of the log');

-- In a context.
select is(limits, jsonb '{"statement_timeout": 5000, "lock_timeout": 1500, "idle_in_transaction_session_timeout": 60000, "work_mem": 65536,
                          "concurrency": 2}', 'a driver is told what it is to set')
from freehold.tenant_context('a');
select is(limits, '{}', 'and nothing of others') from freehold.tenant_context('b');
savepoint inside;
set local statement_timeout = '1h';
select freehold.tenant_enter('a');
set local search_path = tap, pg_catalog;
select is(current_setting('statement_timeout'), '5s', 'tenant_enter sets a timeout');
select is(current_setting('lock_timeout'), '1500ms', 'and the other');
select is(current_setting('idle_in_transaction_session_timeout'), '1min', 'and the third');
select is(current_setting('work_mem'), '64MB', 'and memory');
select throws_ok(statement, '42501', null, 'refused to a tenant: ' || statement)
from unnest(array[
    'alter role tenant_a_rw connection limit -1', 'set temp_file_limit = -1', 'alter role tenant_a_rw set temp_file_limit = -1',
    'select freehold.limit_set(''a'', ''statement_timeout'', ''1h'')', 'select freehold.limit_reset(''a'')',
    'select * from freehold.limit_list()', 'select freehold._limit_apply(null, null)', 'update freehold.tenant set limits = ''{}''']) as statement;
rollback to inside;
select is(current_setting('statement_timeout'), '0', 'all of it ends with the context');
select freehold.limit_set('b', 'work_mem', '1MB');
set local lock_timeout = '9s';
select freehold.tenant_enter('b');
set local search_path = tap, pg_catalog;
select is(current_setting('work_mem'), '1MB', 'one limit is set');
select is(current_setting('lock_timeout'), '9s', 'and what is not limited stays');
rollback to inside;

-- Who may: the operators, and auditors look.
create role lim_auditor in role freehold_auditor;
create role lim_worker in role freehold_worker;
grant lim_auditor, lim_worker to current_user;
grant usage on schema tap to lim_auditor, lim_worker;
select is_empty(
    $$select m, f from unnest(array['freehold_auditor', 'freehold_worker', 'freehold_tenant', 'freehold_resolver', 'freehold_gate_01', 'public']) as m,
             unnest(array['freehold.limit_set(text, text, text)', 'freehold.limit_reset(text, text)']) as f
      where has_function_privilege(m, f, 'execute')$$, 'nobody else sets limits');
select ok(has_function_privilege('freehold_admin', 'freehold.limit_set(text, text, text)', 'execute'), 'operators do');
select ok(has_function_privilege('freehold_auditor', 'freehold.limit_list(text)', 'execute')
          and not has_function_privilege('freehold_tenant', 'freehold.limit_list(text)', 'execute'), 'auditors look, tenants do not');

-- temp_file_limit is a superuser's to allow.
select throws_matching($$select freehold.limit_set('a', 'temp_file_limit', '1GB')$$, 'may not set temp_file_limit', 'not without a superuser');
select is(pg_temp.code($$select freehold.limit_set('a', 'temp_file_limit', '1GB')$$), 'FH303', 'by its own error');
select is((freehold.tenant_get('a')).limits ? 'temp_file_limit', false, 'and it is not kept');

-- Through the life of a tenant.
select freehold.reader_create('a');
select is(pg_temp.held('tenant_a_ro'), pg_temp.held('tenant_a_rw'), 'a reader made later has them');
select is(pg_temp.code($$select freehold.login_enable('a', connection_limit => 5)$$), 'FH003', 'a login gets no more connections');
select is(pg_temp.code($$select freehold.login_enable('a', connection_limit => -1)$$), 'FH003', 'nor any number');
select freehold.login_enable('a', connection_limit => 3);
select is((select rolconnlimit from pg_roles where rolname = 'tenant_a_rw'), 3, 'but fewer');
select freehold.limit_set('a', 'connections', '6');
select is((select rolconnlimit from pg_roles where rolname = 'tenant_a_rw'), 6, 'the last word counts');
select freehold.login_disable('a');
select is((select rolconnlimit from pg_roles where rolname = 'tenant_a_rw'), 6, 'a limit outlives the login');
select freehold.tenant_clone('a', 'c');
select is(pg_temp.said('c'), pg_temp.said('a'), 'a clone has the limits of its source');
select is(pg_temp.held('tenant_c_rw') || pg_temp.held('tenant_c_ro'), pg_temp.held('tenant_a_rw') || pg_temp.held('tenant_a_ro'), 'its roles too');
select freehold.tenant_rename('a', 'z');
select is(pg_temp.held('tenant_z_rw') || pg_temp.held('tenant_z_ro'), pg_temp.held('tenant_c_rw') || pg_temp.held('tenant_c_ro'),
          'a rename takes them along');
select freehold.tenant_suspend('z');
select is((freehold.limit_set('z', 'work_mem', '1MB')).limits ->> 'work_mem', '1024', 'a suspended tenant can be limited');
select freehold.tenant_retire('z', '0');
select is(pg_temp.code($$select freehold.limit_set('z', 'work_mem', '1MB')$$), 'FH202', 'a retired one not');
select freehold.tenant_reinstate('z');
select freehold.tenant_resume('z');
select is(pg_temp.held('tenant_z_rw'), array['idle_in_transaction_session_timeout=60000', 'lock_timeout=1500', 'statement_timeout=5000',
                                             'work_mem=1024', 'connections=6'], 'reinstated, it has what it had');

-- What the doctor says of it.
create function pg_temp.findings() returns setof text language sql as $$
    select format('%s %s', object, finding) from freehold.doctor() where check_name = 'role_settings' order by 1
$$;
select is_empty($$select pg_temp.findings()$$, 'declared limits are no drift');
create function pg_temp.loosen() returns void language plpgsql as $$
begin
    execute format('alter role tenant_z_rw in database %I set statement_timeout = 0', current_database());
    execute format('alter role tenant_z_rw in database %I reset lock_timeout', current_database());
    execute 'alter role tenant_z_rw set work_mem = ''1GB''';
end
$$;
savepoint drift;
set local role tenant_z_rw;
select pg_temp.loosen();
reset role;
select results_eq('select pg_temp.findings()', array[
    'tenant_z_rw is not held to lock_timeout', 'tenant_z_rw is not held to statement_timeout', 'tenant_z_rw sets work_mem=1GB'],
    'what a tenant gave itself is');
do $$
declare
    v_remedy text;
begin
    for v_remedy in select remedy from freehold.doctor() where check_name = 'role_settings' and finding like 'is not held%' loop
        execute v_remedy;
    end loop;
end
$$;
select results_eq('select pg_temp.findings()', array['tenant_z_rw sets work_mem=1GB'], 'setting it again mends it');
rollback to drift;

-- Taken back, and erased.
select freehold.limit_reset('z', 'work_mem');
select freehold.limit_reset('z', 'work_mem');
select is(pg_temp.held('tenant_z_ro'), array['idle_in_transaction_session_timeout=60000', 'lock_timeout=1500', 'statement_timeout=5000',
                                             'connections=6'], 'one is taken back, from every role');
select freehold.limit_reset('z');
select is(pg_temp.held('tenant_z_rw') || pg_temp.held('tenant_z_ro'), array[]::text[], 'all are');
select is(pg_temp.said('z'), null, 'and none are listed');
select is(array_agg(distinct tenant), array['c'], 'the list names who has some') from freehold.limit_list();
select freehold.tenant_retire('c', '0');
select is((freehold.tenant_erase_step('c', 'test')).state, 'done', 'a tenant with limits is erased');
select is_empty($$select jsonb_array_elements(detail -> 'residue') from freehold.operation_list('c') where kind = 'erase'$$, 'without residue');
select is_empty($$select 1 from freehold.tenant_list('erased') where limits <> '{}'$$, 'in the registry neither');
select is_empty($$select from pg_db_role_setting as s where not exists (select from pg_roles as r where r.oid = s.setrole) and s.setrole <> 0$$,
                'nor in the catalog');
select * from finish();
rollback;
