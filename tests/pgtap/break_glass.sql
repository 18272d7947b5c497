-- session: superuser
-- Staff inside a tenant: who may open, approve and close, what an open login can do and what it cannot, tried as those roles, and
-- what is left of it afterwards. A superuser's session, so that it can be all of them.
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
create role bg_alice in role freehold_break_glass;
create role bg_bob in role freehold_break_glass;
create role bg_carol in role freehold_admin;
create role bg_both in role freehold_admin, freehold_break_glass;
create role bg_audit in role freehold_auditor;
create role bg_work in role freehold_worker;
create role bg_nobody;
create temporary table opened (what text, id bigint, state text, login name, expires_at timestamptz, password text);
grant all on opened to public;
create function pg_temp.login(what text) returns name language sql as 'select o.login from opened as o where o.what = $1';
create function pg_temp.id(what text) returns bigint language sql as 'select o.id from opened as o where o.what = $1';
select freehold.template_create('bg');
select freehold.template_apply('bg', '
    create table note (id bigint generated always as identity primary key, body text not null);
    create function note_add() returns void language sql security definer as ''insert into note (body) values (''''x'''')'';
    insert into note (body) values (''seed'')');
select freehold.template_freeze('bg');
select freehold.tenant_provision('a', 'bg');
select freehold.tenant_provision('b', 'bg');
select freehold.reader_create('b');
select freehold.tenant_provision('two', 'bg', settings => '{"break_glass_approval": true}');

-- Who may call what.
select results_eq(
    $$select p.proname::text collate "default", string_agg(r.rolname::text collate "default", ' ' order by r.rolname)
      from pg_proc as p, unnest(array['bg_alice', 'bg_carol', 'bg_audit', 'bg_work', 'bg_nobody', 'tenant_a_rw', 'tenant_a_owner',
                                      'freehold_gate_01', 'freehold_resolver']) as r (rolname)
      where p.pronamespace = 'freehold'::regnamespace and p.proname ~ '^(break_glass|outbox)_' and has_function_privilege(r.rolname, p.oid, 'execute')
      group by p.proname order by 1$$,
    $$values ('break_glass_approve', 'bg_carol'), ('break_glass_claim', 'bg_alice'), ('break_glass_close', 'bg_alice bg_carol'),
             ('break_glass_deny', 'bg_carol'), ('break_glass_expire', 'bg_alice bg_carol bg_work'),
             ('break_glass_list', 'bg_alice bg_audit bg_carol bg_work'), ('break_glass_open', 'bg_alice'),
             ('outbox_delivered', 'bg_carol bg_work'), ('outbox_list', 'bg_audit bg_carol bg_work')$$,
    'staff open and claim, admins approve and deny and do not let themselves in');
select ok(has_schema_privilege('freehold_audit_owner', 'freehold', 'usage')
          and has_function_privilege('freehold_audit_owner', 'freehold._break_glass_person(name)', 'execute'),
          'the audit of rows may ask who is behind a login');
set local session authorization bg_alice;
select throws_ok(statement, '42501', null, 'staff has no other right: ' || statement)
from unnest(array[
    'select freehold.tenant_list()', 'select freehold.setting_list()', 'select freehold.break_glass_approve(1)',
    'select * from freehold.break_glass', 'select * from tenant_a.note', 'set local role tenant_b_ro', 'set local role freehold_admin',
    'select freehold.operation_list()', 'select freehold.setting_set(''break_glass_max_ttl'', ''1 year'')'
]) as statement;
select throws_ok(statement, code, null, code || ': ' || statement)
from (values
    ('FH003', $$select freehold.break_glass_open('a', null, 'T-1')$$), ('FH003', $$select freehold.break_glass_open('a', ' ', 'T-1')$$),
    ('FH003', $$select freehold.break_glass_open('a', 'why', null)$$), ('FH003', $$select freehold.break_glass_open('a', 'why', E'\n')$$),
    ('FH003', $$select freehold.break_glass_open('a', repeat('x', 2001), 'T-1')$$),
    ('FH003', $$select freehold.break_glass_open('a', 'why', 'T-1', '0')$$),
    ('FH003', $$select freehold.break_glass_open('a', 'why', 'T-1', '-1 hour')$$),
    ('FH003', $$select freehold.break_glass_open('a', 'why', 'T-1', '4 hours 1 second')$$),
    ('FH003', $$select freehold.break_glass_open('a', 'why', 'T-1', access => 'owner')$$),
    ('FH003', $$select freehold.break_glass_open('a', 'why', 'T-1', access => null)$$),
    ('FH003', $$select freehold.break_glass_open('a', 'why', 'T-1', verifier => 'secret')$$),
    ('FH101', $$select freehold.break_glass_open('nobody', 'why', 'T-1')$$),
    ('FH110', $$select freehold.break_glass_claim(4711)$$), ('FH110', $$select freehold.break_glass_close(null)$$)
) as refused (code, statement);
select is_empty('select * from freehold.break_glass_list()', 'nobody was let in by that');

-- To read.
insert into opened select 'read', o.* from freehold.break_glass_open('a', ' orders missing ', ' T-1 ', access => 'read') as o;
reset session authorization;
select is(state, 'open', 'open at once where nobody has to approve') from opened where what = 'read';
select matches(login, '^freehold_bg_[0-9a-f]{20}$', 'the login tells nothing of person or tenant') from opened where what = 'read';
select results_eq(
    $$select r.rolcanlogin, r.rolconnlimit, r.rolvaliduntil between clock_timestamp() + interval '59 minutes' and clock_timestamp() + interval '1 hour',
             r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
      from pg_roles as r where r.rolname = pg_temp.login('read')$$,
    $$values (true, 1, true, false)$$, 'one session, for an hour, and nothing beyond a login');
select matches(a.rolpassword, '^SCRAM-SHA-256\$4096:[A-Za-z0-9+/=]{24}\$', 'the server keeps a verifier')
from pg_authid as a where a.rolname = pg_temp.login('read');
select results_eq(
    $$select m.roleid::regrole::text collate "default", m.admin_option, coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true),
             coalesce((to_jsonb(m) ->> 'set_option')::boolean, false)
      from pg_auth_members as m where m.member = pg_temp.login('read')::regrole$$,
    $$values ('tenant_a_ro', false, true, false)$$, 'a member of the tenant''s reader, which it cannot become');
select is((select password from opened where what = 'read') ~ '^[0-9a-f]{64}$', true, 'the password is returned');
select is_empty(
    $$select r.row from (select to_jsonb(g)::text from freehold.break_glass as g union all select to_jsonb(e)::text from freehold.event as e
      union all select to_jsonb(o)::text from freehold.outbox as o union all select to_jsonb(o)::text from freehold.operation as o) as r (row)
      where strpos(r.row, (select password from opened where what = 'read')) > 0 or r.row ~ 'SCRAM'$$,
    'and written down nowhere');

-- As that login. Its settings are those of its log-in, which a session that becomes it does not have.
create function pg_temp.login_settings(login name) returns text[] language sql as
    'select array_agg(c order by c) from pg_db_role_setting as s, unnest(s.setconfig) as c where s.setrole = $1::regrole';
select is(pg_temp.login_settings(pg_temp.login('read')),
          array['default_transaction_read_only=on', 'idle_in_transaction_session_timeout=15min',
                'search_path=tenant_a, pg_catalog, pg_temp'], 'what its sessions begin with');
do $$ begin execute format('set local session authorization %I', pg_temp.login('read')); end $$;
set local freehold.actor = 'mallory';
select results_eq('select body from tenant_a.note', array['seed'], 'it reads the tenant''s rows');
select is(freehold.actor_current(), 'bg_alice', 'it acts for its person, whatever it says');
select is(freehold.tenant_current(), 'a', 'in its tenant');
select freehold.tenant_enter('a', 'mallory');
set local search_path = tap, pg_catalog;
select is(freehold.actor_current(), 'bg_alice', 'and is who it is');
select is(freehold._break_glass_person(session_user), 'bg_alice', 'the audit asks who is behind it');
select is(freehold._break_glass_person('bg_bob'), null, 'of itself only');
select throws_ok(statement, '42501', null, 'refused: ' || statement)
from unnest(array[
    'insert into tenant_a.note (body) values (''x'')', 'delete from tenant_a.note', 'select tenant_a.note_add()', 'truncate tenant_a.note',
    'create table tenant_a.t ()', 'create temporary table t ()', 'create schema s', 'select * from tenant_b.note',
    'select * from template_bg.note', 'select * from freehold.tenant', 'select * from freehold.break_glass',
    'select freehold.break_glass_list()', 'select freehold.break_glass_open(''b'', ''x'', ''x'')', 'select freehold.tenant_list()',
    'select freehold.break_glass_close(1)', 'set local role tenant_a_rw', 'set local role tenant_a_owner', 'set local role tenant_b_ro',
    'set local role freehold_break_glass', 'create role r', 'grant tenant_a_ro to bg_bob'
]) as statement;
select isnt(pg_temp.code(format(statement, session_user)), 'ok', 'refused: ' || statement)
from unnest(array['alter role %I valid until ''infinity''', 'alter role %I connection limit -1', 'alter role %I createrole',
                  'grant %1$I to bg_bob', 'drop role %I']) as statement;
select case when current_setting('server_version_num')::integer >= 160000
            then throws_ok('set local role tenant_a_ro', '42501', null, 'from 16 on it cannot become the reader')
            else pass('on 15 it can become the reader') end;
select is(pg_temp.code($$select freehold.tenant_context('b')$$), 'FH305', 'it is told nothing of others');
select is(pg_temp.code($$select freehold.tenant_context('nobody')$$), 'FH305', 'not even whether they exist');
select is(pg_temp.code($$select freehold.tenant_enter('b')$$), 'FH305', 'nor enters them');
reset session authorization;
set local search_path = tap, pg_catalog;
set local freehold.actor = '';

-- What is kept and told.
select results_eq(
    $$select kind, slug, actor, login::text collate "default", reason, detail ->> 'ticket', detail ->> 'access', detail ->> 'login' = pg_temp.login('read')::text
      from freehold.event where kind ~ '^break_glass' order by id$$,
    $$values ('break_glass.opened', 'a', 'bg_alice', 'bg_alice', 'orders missing', 'T-1', 'read', true)$$, 'an event with reason and ticket');
set local session authorization bg_work;
select results_eq(
    $$select topic, payload ->> 'person', payload ->> 'reason', payload ->> 'ticket', payload ? 'login' from freehold.outbox_list()$$,
    $$values ('break_glass.opened', 'bg_alice', 'orders missing', 'T-1', false)$$, 'something for the tenant''s owner');
select is(freehold.outbox_delivered(array(select id from freehold.outbox_list())), 1::bigint, 'delivered');
select is(freehold.outbox_delivered(array[1, 2, 3, 4, 5]::bigint[]), 0::bigint, 'once');
select is_empty('select * from freehold.outbox_list()', 'nothing waits any more');
set local session authorization bg_audit;
select results_eq(
    $$select tenant_slug, state, person, requested_by::text collate "default", access, reason, ticket, sessions, overdue from freehold.break_glass_list()$$,
    $$values ('a', 'open', 'bg_alice', 'bg_alice', 'read', 'orders missing', 'T-1', 0::bigint, false)$$, 'an auditor sees who is inside');
select is_empty($$select * from freehold.isolation_check() where verdict in ('breach', 'unproven')$$, 'an open one is no breach');
select is_empty($$select * from freehold.doctor() where check_name in ('break_glass', 'runtime_members', 'foreign_groups', 'members_at_rest')$$,
                'and doctor finds nothing');
reset session authorization;
create function pg_temp.breach(statement text) returns setof text language plpgsql as $$
begin
    execute format(statement, pg_temp.login('read'));
    return query select concat_ws(' ', d.object_kind, d.object, d.privilege) from freehold.isolation_check() as d
                 where d.verdict = 'breach' and pg_temp.login('read')::text in (d.role_name, d.object) order by 1;
    raise exception 'undone' using errcode = 'P0001';
exception when raise_exception then
    return;
end $$;
select isnt_empty(format('select pg_temp.breach(%L)', statement), 'a breach: ' || statement)
from unnest(array['grant tenant_b_ro to %I', 'grant select on tenant_b.note to %I', 'grant usage on schema tenant_b to %I',
                  'grant freehold_admin to %I', 'alter role %I createrole', 'grant %I to tenant_b_rw']) as statement;

-- The end.
set local session authorization bg_bob;
select is(pg_temp.code(format('select freehold.break_glass_close(%s)', pg_temp.id('read'))), 'FH303', 'another person''s is not his to close');
select is(pg_temp.code(format('select freehold.break_glass_claim(%s)', pg_temp.id('read'))), 'FH303', 'nor his to claim');
set local freehold.actor = 'bg_alice';
select is(pg_temp.code(format('select freehold.break_glass_claim(%s)', pg_temp.id('read'))), 'FH303', 'whoever he says that he is');
set local freehold.actor = '';
set local session authorization bg_alice;
select results_eq(format($$select state, closed_by::text collate "default", close_reason from freehold.break_glass_close(%s, 'found it')$$, pg_temp.id('read')),
                  $$values ('closed', 'bg_alice', 'found it')$$, 'closed');
select is(pg_temp.code(format('select freehold.break_glass_close(%s)', pg_temp.id('read'))), 'FH202', 'once');
select is(pg_temp.code(format('select freehold.break_glass_claim(%s)', pg_temp.id('read'))), 'FH202', 'for good');
reset session authorization;
select results_eq(
    $$select a.rolcanlogin, a.rolpassword is null, (select count(*) from pg_auth_members as m where m.member = a.oid)
      from pg_authid as a where a.rolname = pg_temp.login('read')$$,
    $$values (false, true, 0::bigint)$$, 'no login, no password, no membership');
do $$ begin execute format('set local session authorization %I', pg_temp.login('read')); end $$;
select throws_ok(statement, '42501', null, 'over: ' || statement)
from unnest(array['select * from tenant_a.note', 'select freehold.tenant_current()', 'set local role tenant_a_ro']) as statement;
reset session authorization;
set local search_path = tap, pg_catalog;

-- To write, and a name that anybody could give himself. Times are exact whatever the session makes of them.
set local datestyle = 'SQL, DMY';
set local timezone = 'Asia/Kolkata';
set local session authorization bg_bob;
set local freehold.actor = 'alice';
insert into opened select 'write', o.* from freehold.break_glass_open('a', 'mend it', 'T-2', '10 minutes', 'write') as o;
set local freehold.actor = '';
reset session authorization;
select ok(r.rolvaliduntil between clock_timestamp() + interval '9 minutes' and clock_timestamp() + interval '10 minutes', 'for ten minutes')
from pg_roles as r where r.rolname = pg_temp.login('write');
do $$ begin execute format('set local session authorization %I', pg_temp.login('write')); end $$;
insert into tenant_a.note (body) values ('mended');
select is(freehold._break_glass_person(pg_temp.login('read')), null, 'who else is inside it is not told');
select is(freehold.actor_current(), 'alice via bg_bob', 'both are named where a client named somebody');
select throws_ok(statement, '42501', null, 'refused: ' || statement)
from unnest(array['truncate tenant_a.note', 'alter table tenant_a.note add column x int', 'insert into tenant_b.note (body) values (''x'')',
                  'create table tenant_a.t ()', 'alter role tenant_a_rw nologin']) as statement;
reset session authorization;

-- Its time is over.
set local session authorization bg_alice;
insert into opened select 'late', o.* from freehold.break_glass_open('b', 'look', 'T-3', '5 minutes') as o;
reset session authorization;
update freehold.setting set value = '11 minutes' where name = 'clock_offset';
select results_eq($$select check_name, severity, object collate "default", remedy from freehold.doctor() where check_name = 'break_glass' and severity = 'error' order by 3$$,
    $$select 'break_glass', 'error', format('role %I', login) collate "default", 'select freehold.break_glass_expire();' from opened where what in ('late', 'write') order by 3$$,
    'doctor fails on what is overdue');
set local session authorization bg_alice;
insert into opened select 'next', o.* from freehold.break_glass_open('b', 'look again', 'T-4') as o;
reset session authorization;
select results_eq('select what, g.state from opened join freehold.break_glass as g using (id) order by 1',
                  $$values ('late', 'expired'), ('next', 'open'), ('read', 'closed'), ('write', 'open')$$,
                  'who opens another one of that tenant ends it');
set local session authorization bg_alice;
select is_empty($$select * from freehold.break_glass_list() where state = 'expired' and not sessions = 0 or overdue$$, 'who looks ends all');
reset session authorization;
select results_eq($$select g.state, g.closed_by is null from opened join freehold.break_glass as g using (id) where what in ('late', 'write')$$,
                  $$values ('expired', true), ('expired', true)$$, 'nobody closed them: they expired');
do $$ begin execute format('set local session authorization %I', pg_temp.login('late')); end $$;
select throws_ok(statement, '42501', null, 'expired: ' || statement)
from unnest(array['select * from tenant_b.note', 'select freehold.tenant_current()', 'set local role tenant_b_ro']) as statement;
reset session authorization;
set local search_path = tap, pg_catalog;
update freehold.setting set value = '0' where name = 'clock_offset';

-- Two persons.
set local session authorization bg_both;
insert into opened select 'two', o.* from freehold.break_glass_open('two', 'look', 'T-5', '30 minutes') as o;
select results_eq($$select state, login, password from opened where what = 'two'$$, $$values ('pending', null::name, null)$$, 'a request, and nothing open');
select is(pg_temp.code(format('select freehold.break_glass_claim(%s)', pg_temp.id('two'))), 'FH202', 'nothing to claim yet');
select is(pg_temp.code(format('select freehold.break_glass_approve(%s)', pg_temp.id('two'))), 'FH303', 'nobody approves his own');
set local freehold.actor = 'bg_carol';
select is(pg_temp.code(format('select freehold.break_glass_approve(%s)', pg_temp.id('two'))), 'FH303', 'whoever he says that he is');
set local freehold.actor = '';
set local session authorization bg_carol;
select results_eq(format($$select g.state, g.approved_by::text collate "default" from freehold.break_glass_approve(%s) as g$$, pg_temp.id('two')),
                  $$values ('open', 'bg_carol')$$, 'another person does');
select is(pg_temp.code(format('select freehold.break_glass_approve(%s)', pg_temp.id('two'))), 'FH202', 'once');
select is(pg_temp.code(format('select freehold.break_glass_claim(%s)', pg_temp.id('two'))), '42501', 'who approves gets no secret');
reset session authorization;
select is_empty($$select g.login from freehold.break_glass as g join pg_authid as a on a.rolname = g.login
                  where g.id = pg_temp.id('two') and (a.rolcanlogin or a.rolpassword is not null)$$, 'nor does it log in before it is claimed');
set local session authorization bg_both;
select ok(c.state = 'open' and c.password ~ '^[0-9a-f]{64}$', 'who asked gets it') from freehold.break_glass_claim(pg_temp.id('two')) as c;
reset session authorization;
create temporary table verifier as select a.rolpassword from pg_authid as a join freehold.break_glass as g on g.login = a.rolname where g.id = pg_temp.id('two');
set local session authorization bg_both;
select is(c.password, null, 'a client''s own verifier is kept, and no password made')
from freehold.break_glass_claim(pg_temp.id('two'), 'SCRAM-SHA-256$4096:' || repeat('A', 22) || '==$' || repeat('A', 43) || '=:' || repeat('A', 43) || '=') as c;
reset session authorization;
select isnt(a.rolpassword, v.rolpassword, 'the earlier password has ended')
from verifier as v, pg_authid as a join freehold.break_glass as g on g.login = a.rolname where g.id = pg_temp.id('two');
set local session authorization bg_carol;
select is(pg_temp.code(format('select freehold.break_glass_deny(%s, ''no'')', pg_temp.id('two'))), 'FH202', 'what is open is closed, not denied');
select is((freehold.break_glass_close(pg_temp.id('two'))).closed_by, 'bg_carol', 'an admin closes anybody''s');
set local session authorization bg_alice;
insert into opened select 'no', o.* from freehold.break_glass_open('two', 'look', 'T-6') as o;
insert into opened select 'withdrawn', o.* from freehold.break_glass_open('two', 'look', 'T-7') as o;
insert into opened select 'forgotten', o.* from freehold.break_glass_open('two', 'look', 'T-8') as o;
select is((freehold.break_glass_close(pg_temp.id('withdrawn'))).state, 'closed', 'a request is withdrawn');
set local session authorization bg_carol;
select is(pg_temp.code(format('select freehold.break_glass_deny(%s, '' '')', pg_temp.id('no'))), 'FH003', 'a refusal has a reason');
select is((freehold.break_glass_deny(pg_temp.id('no'), 'not today')).state, 'denied', 'refused');
select is(pg_temp.code(format('select freehold.break_glass_approve(%s)', pg_temp.id('no'))), 'FH202', 'for good');
select freehold.setting_set('break_glass_approval', 'on');
set local session authorization bg_alice;
select is(state, 'pending', 'all tenants need two where the setting says so') from freehold.break_glass_open('a', 'look', 'T-9');
reset session authorization;
update freehold.tenant set settings = '{"break_glass_approval": "off"}' where slug = 'b';
update freehold.tenant set settings = '{"break_glass_approval": "maybe"}' where slug = 'a';
set local session authorization bg_alice;
select is(state, 'open', 'but a tenant''s own says goes before') from freehold.break_glass_open('b', 'look', 'T-10');
select is(state, 'pending', 'what is not clearly no is yes') from freehold.break_glass_open('a', 'look', 'T-11');
reset session authorization;
update freehold.setting set value = '5 hours' where name = 'clock_offset';
set local session authorization bg_carol;
select is((freehold.break_glass_approve(pg_temp.id('forgotten'))).state, 'expired', 'a request that nobody approved in time is over');
reset session authorization;
update freehold.setting set value = '0' where name = 'clock_offset';
update freehold.setting set value = 'off' where name = 'break_glass_approval';
update freehold.tenant set settings = '{}' where slug = 'a';
select is(pg_temp.code(format('select freehold.setting_set(%L, %L)', name, value)), 'FH003', format('%s cannot be %s', name, value))
from (values ('break_glass_ttl', '0'), ('break_glass_max_ttl', '-1 hour'), ('break_glass_max_ttl', 'x'), ('break_glass_approval', 'perhaps')) as bad (name, value);

-- Through the tenant's life.
set local session authorization bg_alice;
insert into opened select 'life', o.* from freehold.break_glass_open('a', 'look', 'T-12') as o;
insert into opened select 'waits', o.* from freehold.break_glass_open('two', 'look', 'T-13') as o;
reset session authorization;
select freehold.tenant_rename('a', 'c');
select ok('search_path=tenant_c, pg_catalog, pg_temp' = any (pg_temp.login_settings(pg_temp.login('life'))), 'a rename takes its path along');
do $$ begin execute format('set local session authorization %I', pg_temp.login('life')); end $$;
select is(freehold.tenant_current(), 'c', 'and it is in the tenant as it is called now');
select isnt_empty('select * from tenant_c.note', 'and reads it');
reset session authorization;
set local search_path = tap, pg_catalog;
select freehold.reader_drop('c');
select results_eq($$select state, close_reason from freehold.break_glass where id = pg_temp.id('life')$$,
                  $$values ('closed', 'the tenant''s reader was dropped')$$, 'without a reader nobody reads');
set local session authorization bg_alice;
insert into opened select 'inside', o.* from freehold.break_glass_open('c', 'mend', 'T-14', access => 'write') as o;
reset session authorization;
select freehold.tenant_suspend('c', 'a breach');
select freehold.tenant_retire('two', '0');
select results_eq($$select what, state, close_reason from opened join freehold.break_glass as g using (id, state) where what in ('none')
                    union all select o.what, g.state, g.close_reason from opened as o join freehold.break_glass as g on g.id = o.id
                    where o.what in ('inside', 'waits') order by 1$$,
                  $$values ('inside', 'closed', 'the tenant was suspended'), ('waits', 'closed', 'the tenant was retired')$$,
                  'who is shut out takes staff along, and their requests');
set local session authorization bg_alice;
select is(pg_temp.code($$select freehold.break_glass_open('c', 'look', 'T-15')$$), 'FH202', 'a suspended tenant is opened for nobody');
reset session authorization;
select is_empty(
    $$select m.member::regrole, m.roleid::regrole from pg_auth_members as m join opened as o on m.member = to_regrole(quote_ident(o.login))
      join freehold.break_glass as g on g.id = o.id and g.state <> 'open'$$, 'nothing that has ended is a member of anything');
select * from finish();
rollback;
