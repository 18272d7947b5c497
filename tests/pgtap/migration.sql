-- Migrations of one home: what the ledger says of whom, and what a script can not do. Attacks first.
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
create function pg_temp.ran(script text, home text default 'a') returns text language sql as $$
    select pg_temp.code(format('select freehold.migration_apply(%L, %L, %L)', home, 'x' || md5(script), script))
$$;
create function pg_temp.has(home text) returns text[] language sql as $$
    select coalesce(array_agg(l.migration_id order by l.ordinal), '{}') from freehold.migration_list(home) as l where l.state = 'applied'
$$;
select freehold.template_create('mig');
select freehold.template_apply('mig', $$
    create table note (id int primary key, body text);
    create function shout() returns trigger language plpgsql as 'begin new.body := new.body || current_user; return new; end';
    create trigger shout before insert on note for each row execute function shout();
    create table deferred (id int primary key, who text);
    create function late() returns trigger language plpgsql as $f$
        begin insert into note values (1000 + new.id, ''); return null; end $f$;
    create constraint trigger late after insert on deferred deferrable initially deferred for each row execute function late();
$$);
select freehold.template_freeze('mig');
select freehold.tenant_provision('a', 'mig');
select freehold.tenant_provision('b', 'mig');
select freehold.gate_grant(current_user);

-- A script acts as the owner, and as nobody else.
select is(pg_temp.ran('insert into note values (1, '''')'), 'ok', 'a script runs');
select is(pg_temp.ran('insert into deferred values (2)'), 'ok', 'so does a deferred trigger');
set local role tenant_a_rw;
select results_eq('select id, body from tenant_a.note order by id', $$values (1, 'tenant_a_owner'), (1002, 'tenant_a_owner')$$,
                  'its triggers act as the owner, deferred ones before the end');
reset role;
select is(pg_temp.ran(script), expected, 'refused: ' || script)
from (values ('reset role', '42501'), ('set role none', '42501'), ('set local role none', '42501'),
             ('set session authorization default', '42501'), ('select set_config(''role'', ''none'', false)', '42501'),
             ('set role tenant_b_owner', '42501'), ('commit', '0A000'), ('savepoint s', '0A000'),
             ('select * from tenant_b.note', '42501'), ('create table public.t (id int)', '42501'),
             ('create temporary table t (id int)', '42501'), ('create table freehold_runner.t (id int)', '42501'),
             ('select freehold.migration_apply(''b'', ''1.x'', ''select 1'')', '42501'),
             ('select freehold._runner_run(null, ''select 1'')', '42501'), ('table freehold.tenant', '42501'),
             ('grant usage on schema tenant_a to public', 'FH303'), ('grant usage on schema tenant_a to tenant_b_rw', 'FH303'),
             ('grant tenant_a_owner to tenant_b_rw', '42501'), ('alter role tenant_a_rw login', '42501'),
             ('', 'FH003'), ('  ', 'FH003'), ('select', 'ok'), ('-- nothing', 'ok')) as v (script, expected);
-- What would wait in the session for the caller.
select is(pg_temp.ran(script), 'FH303', 'left behind: ' || script)
from unnest(array['set search_path = tenant_a, pg_catalog', 'set search_path = pg_temp',
                  'declare c cursor with hold for select 1',
                  'do $d$ begin perform set_config(''search_path'', ''tenant_a'', false); end $d$']) as script;
select is(current_setting('search_path'), 'tap, pg_catalog', 'the path is what it was');
select is(pg_temp.ran('set local search_path = tenant_a'), 'ok', 'a local path ends with the script');
select is(pg_temp.ran('create table where_am_i (id int)'), 'ok', 'and');
select has_table('tenant_a', 'where_am_i', 'leads nobody astray');
create function pg_temp.planted(body text) returns text language sql as $$
    select pg_temp.ran(format('create or replace function evil() returns void language plpgsql as %L; select evil()', body))
$$;
select is(pg_temp.planted('begin execute ''set role none''; end'), '42501', 'nor can a planted function change the role');
select is(pg_temp.planted('begin execute ''set search_path = tenant_a''; end'), 'FH303', 'or leave a path');

-- The runner is out of the owner's reach.
select is(pg_temp.ran(format(script, t.id)), '42501', 'the runner stays: ' || left(script, 30))
from (select replace(id::text, '-', '') as id from freehold.tenant_list() where slug = 'a') as t
cross join unnest(array['alter function freehold_runner.run_%s(text, text) security invoker',
                        'create or replace function freehold_runner.run_%s(script text, path text) returns bigint language sql return 1',
                        'drop function freehold_runner.run_%s(text, text)',
                        'select freehold_runner.run_%s(''select 1'', ''pg_catalog'')']) as script;
select is(count(*), 1::bigint, 'a home has one runner') from pg_proc
where pronamespace = 'freehold_runner'::regnamespace and proowner = 'tenant_a_owner'::regrole;
select is(format('%s %s %s', p.prosecdef, p.proconfig, array(select a.grantee::regrole::text from aclexplode(p.proacl) as a order by 1)),
          't {"search_path=pg_catalog, pg_temp"} {freehold_owner,tenant_a_owner}', 'which freehold may call, and the owner')
from pg_proc as p where p.pronamespace = 'freehold_runner'::regnamespace and p.proowner = 'tenant_a_owner'::regrole;
select is_empty(
    $$select m.member::regrole from pg_auth_members as m
      where m.roleid in ('tenant_a_owner'::regrole, 'tenant_b_owner'::regrole)
        and (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true) or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))$$,
    'nobody is left a member of the owner');
select is_empty($$select * from freehold.isolation_check() as c where c.verdict = 'breach' and c.role_name ~ '^tenant_'$$, 'no check of isolation minds the runner');
select is_empty(
    $$select d.object, d.finding from freehold.doctor() as d
      where d.object ~ 'runner|run_' or d.check_name in ('ownership', 'orphans', 'members_at_rest')$$, 'nor does the doctor');

-- The ledger.
select is((freehold.migration_apply('b', '0001.one', 'alter table note add column one int', 'd1')).state, 'applied', 'one is applied');
select is(freehold.migration_apply('b', '0001.one', 'alter table note add column one int', 'd1'), null, 'twice is once');
select is(pg_temp.code($$select freehold.migration_apply('b', '0001.one', 'select 1', 'd2')$$), 'FH212', 'an edited file is an error');
select is(pg_temp.code($$select freehold.migration_apply('b', '0002.two', 'alter table note add column one int', 'd2')$$), '42701',
          'PostgreSQL''s own error comes through');
select is(pg_temp.has('b'), array['0001.one'], 'and nothing is written');
select is(pg_temp.code(format('select freehold.migration_apply(%L, %L, %L)', home, id, 'select 1')), expected, format('%s: %s', home, id))
from (values ('nobody', '1.x', 'FH101'), ('@nobody', '1.x', 'FH102'), ('', '1.x', 'FH101'), (null, '1.x', 'FH101'), ('b', null, 'FH003'),
             ('b', '', 'FH003'), ('b', 'a b', 'FH003'), ('b', 'x''; drop table note', 'FH003'), ('b', repeat('x', 200), 'FH003'))
     as v (home, id, expected);
select is(freehold.migration_backfill('b', '0003.fill', 'update note set one = 1 where id = 7 and one is null', 'd3'), true,
          'a backfill with nothing to do is done');
select freehold.migration_apply('b', '0004.rows', 'insert into note (id) select i from generate_series(1, 25) as i', 'd4');
select results_eq(
    $$select freehold.migration_backfill('b', '0005.fill', 'update note set one = id where id in (
          select id from note where one is null order by id limit 10)', 'd5') from generate_series(1, 4)$$,
    $$values (false), (false), (false), (true)$$, 'a backfill is done when it changes nothing');
select results_eq($$select state, rows from freehold.migration_list('b') where migration_id = '0005.fill'$$,
                  $$values ('applied', 25::bigint)$$, 'and the ledger counts its rows');
select is((freehold.migration_rollback('b', '0001.one', 'alter table note drop column one', 'd1')).state, 'rolled back', 'one is taken back');
select is(freehold.migration_rollback('b', '0001.one', 'alter table note drop column one', 'd1'), null, 'once');
select is((freehold.migration_apply('b', '0001.one', 'alter table note add column one int', 'd9')).source_digest, 'd9',
          'and may come again, in another text');

-- Birth: what a template has when it is frozen, its tenants have.
select freehold.migration_apply('@mig', '0001.one', 'alter table note add column one int', 'd1');
select freehold.migration_apply('@mig', '0002.two', 'alter table note add column two int', 'd2');
create temporary table version as select * from freehold.template_freeze('mig');
select is(migrations, array['0001.one', '0002.two'], 'a frozen version knows its migrations') from version;
select is((freehold.template_freeze('mig')).version, version, 'the same again is the same version') from version;
select freehold.tenant_provision('c', 'mig');
select is(pg_temp.has('c'), array['0001.one', '0002.two'], 'a new tenant has them');
select results_eq($$select bool_and(inherited), array_agg(source_digest order by ordinal) from freehold.migration_list('c')$$,
                  $$values (true, array['d1', 'd2'])$$, 'without a row of its own');
select is(freehold.migration_apply('c', '0002.two', 'select 1/0', 'd2'), null, 'and nothing is done again');
select is(pg_temp.code($$select freehold.migration_apply('c', '0002.two', 'select 1/0', 'dx')$$), 'FH212', 'its files are watched too');
select is((freehold.migration_rollback('c', '0002.two', 'alter table note drop column two')).state, 'rolled back', 'what came by birth goes');
select is(pg_temp.has('c'), array['0001.one'], 'and is gone from the ledger');
select freehold.migration_apply('c', '0006.own', 'alter table note add column own int', 'd6');
select freehold.tenant_clone('c', 'd');
select is(pg_temp.has('d'), array['0001.one', '0006.own'], 'a clone has what its source has');
select freehold.template_copy('mig', 'mig2');
select is(pg_temp.has('@mig2'), array['0001.one', '0002.two'], 'so has the copy of a template');
select freehold.migration_apply('@mig', '0007.nothing', 'select 1', 'd7');
select isnt((freehold.template_freeze('mig')).version, version, 'a migration that leaves no trace makes a version all the same') from version;
select is(freehold.migration_mark('a', array['0001.one', '0002.two'], array['d1', 'd2']), 2, 'what was done by other means is marked');
select is(freehold.migration_mark('a', array['0001.one', '0002.two'], array['d1', 'd2']), 0, 'once');
select is(freehold.migration_mark('a', array['0002.two'], applied => false), 1, 'and unmarked');
select ok('0001.one' = any (pg_temp.has('a')) and '0002.two' <> all (pg_temp.has('a')), 'the ledger says so');
select is(pg_temp.code($$select freehold.migration_mark('a', array['1.x'], array['d', 'e'])$$), 'FH003', 'a digest for each');
select results_eq($$select migration_id, source_digest, homes, examples from freehold.migration_changed('mig', '{"0001.one": "dz"}')$$,
                  $$values ('0001.one', 'd1', 4::bigint, '{@mig,a,c,d}'::text[]), ('0001.one', 'd9', 1, '{b}')$$,
                  'who ran which text of a file that was changed');
select results_eq($$select slug, migrations, head from freehold.migration_status('mig')
                    where slug in ('b', 'c', 'd') order by slug$$,
                  $$values ('b', 4::bigint, '0005.fill'), ('c', 2, '0006.own'), ('d', 2, '0006.own')$$, 'where each stands');
select results_eq($$select * from freehold.migration_missing('mig', array['0001.one', '0002.two', '0009.new'])$$,
                  $$values ('0002.two', 4::bigint, true), ('0009.new', 4, false)$$, 'what is not everywhere');

-- Its end, and a change of name.
select freehold.tenant_rename('b', 'bee');
select is((freehold.migration_apply('bee', '0008.after', 'create table after_rename (id int)')).state, 'applied', 'a rename leads no runner astray');
select has_table('tenant_bee', 'after_rename', 'its table is in the renamed schema');
select freehold.tenant_retire('bee', '0');
do $$
begin
    while (freehold.tenant_erase_step('bee', 'test')).state = 'running' loop
        null;
    end loop;
end $$;
select is_empty($$select o.detail ->> 'residue' from freehold.operation_list('bee') as o where o.kind = 'erase' and o.detail ->> 'residue' <> '[]'$$,
                'an erased tenant leaves no residue, its runner included');
select is(array(select p.proowner::regrole::text from pg_proc as p
                where p.pronamespace = 'freehold_runner'::regnamespace and p.proname like 'run\_%' order by 1),
          array['freehold_template_mig2_owner', 'freehold_template_mig_owner', 'tenant_a_owner', 'tenant_c_owner', 'tenant_d_owner'],
          'the other runners stay');

-- Who may.
select is_empty(
    $$select p.proname, r.name from pg_proc as p, (values ('freehold_worker'), ('freehold_auditor'), ('freehold_tenant')) as r (name)
      where p.pronamespace = 'freehold'::regnamespace and p.proname ~ '^(migration|rollout)_' and p.provolatile = 'v'
        and has_function_privilege(r.name, p.oid, 'execute')
        and not (r.name = 'freehold_worker' and p.proname in ('rollout_claim', 'rollout_apply', 'rollout_backfill', 'rollout_begin',
                                                              'rollout_end', 'rollout_fail', 'rollout_release'))$$,
    'workers may work, and nobody else but administrators');
select * from finish();
rollback;
