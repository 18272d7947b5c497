-- session: superuser
-- The tenant of a transaction, as those who enter one see it: an application's login, a tenant's own logins, a resolver. The
-- attacks come first: each sets the stage before the session has looked a name up.
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
create function pg_temp.said(statement text) returns text language plpgsql as $$
declare
    v_message text;
    v_detail text;
    v_hint text;
begin
    execute statement;
    return 'ok';
exception when others then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
    return concat_ws(' | ', sqlstate, v_message, nullif(v_detail, ''), nullif(v_hint, ''));
end $$;
-- Judges what was seen under the caller's own path, which need not lead to pgTAP.
create function pg_temp.same(have text, want text, description text) returns text language sql set search_path = tap, pg_catalog
    as 'select is(have, want, description)';
create function pg_temp.state() returns text language plpgsql as $$
begin
    return format('%s of %s by %s on %s', current_user, freehold.tenant_current(), freehold.actor_current(), current_setting('search_path'));
end $$;
select freehold.template_create('ctx');
select freehold.template_apply('ctx', '
    create table note (id bigint generated always as identity primary key, body text not null);
    create function whose() returns text language sql stable security definer
        as ''select freehold.tenant_current() || '''' by '''' || current_user''');
select freehold.template_freeze('ctx');
select freehold.tenant_provision(slug, 'ctx') from unnest(array['a', 'b', 'asleep', 'gone']) as slug;
select freehold.setting_set('cell_capacity', '4');
select freehold.tenant_provision('far', 'ctx');
select freehold.reader_create('b');
select freehold.tenant_suspend('asleep', 'unpaid');
select freehold.tenant_retire('gone');
select freehold.login_enable('a');
select freehold.login_enable('b', 'read');
create role ctx_app login;
create role ctx_stranger login;
create role ctx_resolver login in role freehold_resolver;
select freehold.gate_grant('ctx_app', 1);
select is((freehold.tenant_get('far')).cell, 2, 'the last tenant is in a cell of its own');

-- A path of the caller's choice. Whatever a body without a path of its own might look up stands there first, and leaves a trace.
create schema trap;
grant usage on schema trap to public;
create function trap.sprung() returns pg_catalog.bool language plpgsql as $$
begin
    execute pg_catalog.format('set trap.sprung = %L', pg_catalog.concat(pg_catalog.current_setting('trap.sprung', true), current_user, ' '));
    return true;
end $$;
create domain trap.text as pg_catalog.text check (trap.sprung());
create domain trap.name as pg_catalog.name check (trap.sprung());
create domain trap.bool as pg_catalog.bool check (trap.sprung());
create domain trap.boolean as pg_catalog.bool check (trap.sprung());
do $$
declare
    v_type pg_catalog.text;
    v_signature pg_catalog.text;
begin
    foreach v_signature in array array['format(text, text)', 'format(text, text, text)', 'format(text, name)', 'format(text, variadic text[])',
                                       'set_config(text, text, bool)', 'current_setting(text)',
                                       'current_setting(text, bool)', 'quote_ident(text)', 'quote_literal(text)',
                                       'octet_length(text)', 'pg_has_role(name, name, text)', 'concat(text, text)',
                                       'tenant_context(text, text)', '_context_open(text, text, text)', 'tenant_current()']
    loop
        execute format('create function trap.%s returns pg_catalog.text language sql as $f$ select trap.sprung()::pg_catalog.text $f$',
                       regexp_replace(v_signature, '\m(text|name|bool)\M', 'pg_catalog.\1', 'g'));
    end loop;
    foreach v_type in array array['text', 'name', 'bool'] loop
        execute format('create function trap.same_%1$s(pg_catalog.%1$I, pg_catalog.%1$I) returns pg_catalog.bool '
                       'language sql as $f$ select trap.sprung() $f$', v_type);
        execute (select string_agg(format('create operator trap.%1$s (function = trap.same_%2$s, leftarg = pg_catalog.%2$I, rightarg = pg_catalog.%2$I)',
                                          o, v_type), '; ')
                 from unnest(array['=', '<>', '||', '~']) as o);
    end loop;
end $$;

savepoint scene;
set local session authorization ctx_app;
set local search_path = trap, pg_catalog;
select format('%s', 'x'::pg_catalog.text);
select 'x' = 'y'::pg_catalog.text;
select 'x'::text;
select pg_temp.same(pg_catalog.current_setting('trap.sprung', true), 'ctx_app ctx_app ctx_app ', 'the trap works: it runs as whoever steps on it');
rollback to scene;
set local session authorization ctx_app;
set local search_path = trap, pg_catalog;
select freehold.tenant_context('b', 'read');
select freehold.tenant_enter('a', 'alice');
set local search_path = trap, pg_catalog;
select freehold.tenant_enter('a', 'alice', 'read');
set local search_path = trap, pg_catalog;
select freehold.tenant_current(), freehold.actor_current();
select freehold.tenant_leave();
select pg_temp.same(nullif(pg_catalog.current_setting('trap.sprung', true), ''), null, 'nothing of the context looks a name up on the caller''s path');
rollback to scene;
set local session authorization tenant_a_rw;
set local search_path = trap, pg_catalog;
select freehold.tenant_enter('a', 'alice');
set local search_path = trap, pg_catalog;
select freehold.tenant_leave();
select pg_temp.same(nullif(pg_catalog.current_setting('trap.sprung', true), ''), null, 'for a tenant''s own login neither');
rollback to scene;

-- An application's login.
set local session authorization ctx_app;
select is(pg_temp.code('select freehold.tenant_current()'), 'FH301', 'no tenant is set, and there is no default');
select is(freehold.actor_current(), 'ctx_app', 'who acts is the login');
select is(pg_temp.code('select * from tenant_a.note'), '42501', 'which has no right of its own');
select freehold.tenant_enter('a', 'alice');
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by alice on tenant_a, pg_catalog, pg_temp', 'tenant_enter sets role, tenant, actor and path');
select pg_temp.same(session_user::text, 'ctx_app', 'of the same session');
insert into note (body) values ('of a');
select pg_temp.same(pg_temp.code('select * from tenant_b.note'), '42501', 'it reads no other tenant');
select pg_temp.same(pg_temp.code('insert into tenant_b.note (body) values (1)'), '42501', 'and writes to none');
select pg_temp.same(whose(), 'a by tenant_a_owner', 'a definer function of the tenant''s owner is in the same tenant');
-- Again, and another.
select freehold.tenant_enter('a', 'bob');
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by bob on tenant_a, pg_catalog, pg_temp', 'the same tenant is entered again; the last actor counts');
select freehold.tenant_enter('a');
select pg_temp.same(freehold.actor_current(), 'ctx_app', 'who names nobody acts as the login');
select pg_temp.same(pg_temp.said('select freehold.tenant_enter(''b'')'),
    'FH305 | role "tenant_a_rw" is in no tenant called ''b'' | It is tenant "a"''s. | End the transaction first: a context ends with it.',
    'another tenant is not');
select pg_temp.same(pg_temp.said('select freehold.tenant_enter(''none'')'),
    replace(pg_temp.said('select freehold.tenant_enter(''b'')'), quote_literal('b'), quote_literal('none')), 'whether there is one or not');
select pg_temp.same(pg_temp.code('select freehold.tenant_context(''b'')'), 'FH305', 'nor asked about');
select pg_temp.same(pg_temp.code('select freehold.tenant_enter(null)'), 'FH305', 'nor is none');
select pg_temp.same(pg_temp.code('set local freehold.tenant = ''b''; select freehold.tenant_enter(''b'')'), 'FH305', 'no setting changes that');
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by ctx_app on tenant_a, pg_catalog, pg_temp', 'what was refused changed nothing');
-- Settings are anybody's say.
set local freehold.tenant = 'b';
set local freehold.schema = 'tenant_b';
set local freehold.role = 'tenant_b_rw';
set local freehold.actor = 'mallory';
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by mallory on tenant_a, pg_catalog, pg_temp', 'a forged setting moves no tenant; the actor is the client''s word');
select pg_temp.same(whose(), 'a by tenant_a_owner', 'for definer functions neither');
select pg_temp.same(pg_temp.code('select * from tenant_b.note'), '42501', 'and lends no right');
-- Out.
select freehold.tenant_leave();
select pg_temp.same(format('%s by %s on %s', current_user, freehold.actor_current(), current_setting('search_path')), 'ctx_app by ctx_app on pg_catalog, pg_temp',
    'tenant_leave leaves nothing behind');
select pg_temp.same(pg_temp.code('select freehold.tenant_current()'), 'FH301', 'no tenant is set');
select pg_temp.same(pg_temp.code('select * from tenant_a.note'), '42501', 'nor is any right left');
select freehold.tenant_leave();
select pg_temp.same(pg_temp.said('select freehold.tenant_enter(''b'', ''bob'')'),
    'FH305 | this transaction was tenant "a"''s | Enter each tenant in a transaction of its own.', 'no other is entered in the same transaction');
select freehold.tenant_enter('a', 'bob');
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by bob on tenant_a, pg_catalog, pg_temp', 'the same is');
-- One expression, in whatever order it is evaluated.
select pg_temp.same(pg_temp.code('select concat(freehold.tenant_leave(), freehold.tenant_enter(''b''), whose())'), 'FH305',
    'one expression leaves no tenant for another');
select pg_temp.same(pg_temp.code('select concat(freehold.tenant_leave(), freehold.tenant_leave(), freehold.tenant_enter(''b''))'), 'FH305', 'nor if it leaves twice');
rollback to scene;
set local session authorization ctx_app;
select freehold.tenant_enter('b', 'bob');
select pg_temp.same((select count(*)::text from note), '0', 'another transaction enters another, which has its own rows');
rollback to scene;
select is(current_user::text, session_user::text, 'a savepoint that is rolled back takes the context with it');
select is(pg_temp.code('select freehold.tenant_current()'), 'FH301', 'wholly');
select is(coalesce(current_setting('freehold.actor', true), ''), '', 'the actor too');

-- In a savepoint, which is taken back inside a context.
set local session authorization ctx_app;
savepoint inner_scene;
select freehold.tenant_enter('b', 'bob');
rollback to inner_scene;
select is(format('%s by %s', current_user, freehold.actor_current()), 'ctx_app by ctx_app', 'rolled back, so not entered');
select freehold.tenant_enter('a', 'alice');
savepoint inner_scene;
select freehold.tenant_leave();
rollback to inner_scene;
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by alice on tenant_a, pg_catalog, pg_temp', 'rolled back, so not left');
rollback to scene;

-- Who is not let in.
set local session authorization ctx_app;
select is(pg_temp.said('select freehold.tenant_enter(''nobody'')'),
    'FH101 | no tenant is called ''nobody'' | select slug, state from freehold.tenant_list() shows them.', 'an unknown tenant');
select is(pg_temp.code('select freehold.tenant_enter(null)'), 'FH101', 'none');
select is(pg_temp.code(format('select freehold.tenant_enter(%L)', slug)), 'FH101', 'no tenant is called ' || left(quote_literal(slug), 40))
from unnest(array['', 'A', ' a', 'a''; reset role; --', 'a"', E'a\n', E'a\\', 'tenant_a', repeat('a', 10000)]) as slug;
select is(pg_temp.said('select freehold.tenant_enter(''asleep'')'),
    'FH302 | tenant "asleep" is suspended | As an operator: select freehold.tenant_resume(''asleep'');', 'a suspended one');
select is(pg_temp.said('select freehold.tenant_enter(''gone'')'),
    'FH304 | tenant "gone" is retired | As an operator: select freehold.tenant_reinstate(''gone'');', 'a retired one');
select is(pg_temp.said('select freehold.tenant_enter(''far'')'),
    'FH303 | login "ctx_app" does not reach tenant "far" | It has not passed the gate of cell 2. | '
    'As an operator: select freehold.gate_grant(''ctx_app'', 2); or, for all cells, those to come too: '
    'select freehold.gate_grant(''ctx_app'');', 'one of a cell whose gate the login has not passed');
select is(pg_temp.code(format('select freehold.tenant_enter(''a'', access => %L)', access)), 'FH003', 'access is not ' || coalesce(quote_literal(access), 'null'))
from unnest(array['', 'Write', 'admin', 'read''', null]) as access;
select is(pg_temp.code('select freehold.tenant_context(''a'', ''none'')'), 'FH003', 'nor is one asked about');
select is(pg_temp.code(format('select freehold.tenant_enter(''a'', %L)', repeat('x', 201))), 'FH005', 'an actor of 201 bytes');
select is(pg_temp.code(format('select freehold.tenant_enter(''a'', %L)', repeat('é', 101))), 'FH005', 'bytes, not characters');
select is(current_user::text, 'ctx_app', 'none of which changed the role');
rollback to scene;
select freehold.gate_grant('ctx_app', 2);
set local session authorization ctx_app;
select freehold.tenant_enter('far', 'alice');
select pg_temp.same(pg_temp.state(), 'tenant_far_rw of far by alice on tenant_far, pg_catalog, pg_temp', 'the gate of a cell that was opened later works');
rollback to scene;
set local session authorization ctx_stranger;
select is(pg_temp.code(statement), '42501', 'a login that is nothing here: ' || statement)
from unnest(array['select freehold.tenant_enter(''a'')', 'select freehold.tenant_leave()', 'select freehold.tenant_current()',
                  'select freehold.tenant_context(''a'')', 'select freehold._context_open(''a'', null, ''write'')',
                  'select freehold.actor_current()']) as statement;
rollback to scene;

-- To read. A tenant without a reader is read as its other role, in a read-only transaction.
set local session authorization ctx_app;
select freehold.tenant_enter('b', 'alice', 'read');
select pg_temp.same(pg_temp.state(), 'tenant_b_ro of b by alice on tenant_b, pg_catalog, pg_temp', 'the reader reads');
select pg_temp.same(pg_temp.code('select * from note'), 'ok', 'rows');
select pg_temp.same(pg_temp.code('insert into note (body) values (1)'), '25006', 'and does not write');
select pg_temp.same(pg_temp.code('select freehold.tenant_enter(''b''); insert into note (body) values (1)'), '25006',
    'entered again to write the transaction still only reads');
rollback to scene;
set local session authorization ctx_app;
select freehold.tenant_enter('a', 'alice', 'read');
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by alice on tenant_a, pg_catalog, pg_temp', 'without a reader the other role does');
select pg_temp.same(pg_temp.code('select * from note'), 'ok', 'rows');
select pg_temp.same(pg_temp.code('insert into note (body) values (1)'), '25006', 'and does not write');
select pg_temp.same(pg_temp.code(statement), '25001', 'no way back: ' || statement)
from unnest(array['set transaction read write', 'set local transaction_read_only = off']) as statement;
select freehold.tenant_leave();
select pg_temp.same(current_setting('transaction_read_only'), 'on', 'a transaction that only reads stays one');
rollback to scene;
-- PostgreSQL gives a transaction back what it was when a savepoint is released; the role and its path stay.
set local session authorization ctx_app;
savepoint inner_scene;
select freehold.tenant_enter('b', 'alice', 'read');
release inner_scene;
select pg_temp.same(pg_temp.state(), 'tenant_b_ro of b by alice on tenant_b, pg_catalog, pg_temp', 'a savepoint that is released leaves the context');
select pg_temp.same(current_setting('transaction_read_only'), 'off', 'but takes the read-only transaction back');
select pg_temp.same(pg_temp.code('insert into note (body) values (1)'), '42501', 'so that a reader is what it takes');
rollback to scene;

-- A tenant's own logins.
set local session authorization tenant_a_rw;
select is(freehold.tenant_current(), 'a', 'its login is in its tenant from the start');
select freehold.tenant_enter('a', 'alice');
select pg_temp.same(pg_temp.state(), 'tenant_a_rw of a by alice on tenant_a, pg_catalog, pg_temp', 'it sets path and actor');
select pg_temp.same(current_setting('role'), 'none', 'and keeps its role');
insert into note (body) values ('mine');
select pg_temp.same(pg_temp.said(format(statement, 'none')), replace(pg_temp.said(format(statement, slug)), quote_literal(slug), quote_literal('none')),
    format('of tenant %s it learns nothing: %s', slug, statement))
from unnest(array['b', 'asleep', 'gone', 'far']) as slug,
     unnest(array['select freehold.tenant_enter(%L)', 'select freehold.tenant_enter(%L, null, ''read'')', 'select freehold.tenant_context(%L)',
                  'select freehold._context_open(%L, null, ''write'')']) as statement;
select pg_temp.same(pg_temp.code('select freehold.tenant_enter(''b'')'), 'FH305', 'but that it is not its own');
select pg_temp.same(pg_temp.code('set local role tenant_b_rw'), '42501', 'it takes no other''s role');
-- 15 knows no membership without SET: there it may act as the group, and learns no more for it.
select pg_temp.code('set local role freehold_tenant') = 'ok' as acts;
select pg_temp.same(pg_temp.said('select freehold.tenant_context(''none'')'),
    replace(pg_temp.said('select freehold.tenant_context(''b'')'), quote_literal('b'), quote_literal('none')), 'not as the tenants'' group either');
select pg_temp.same(pg_temp.code('select freehold.tenant_enter(''b'')'), 'FH305', 'which is no way out of its tenant');
select pg_temp.same(freehold.tenant_current(), 'a', 'and no other tenant');
select freehold.tenant_leave();
select pg_temp.same(freehold.tenant_current() || ' by ' || freehold.actor_current(), 'a by tenant_a_rw', 'its own login cannot leave the tenant');
set local freehold.tenant = 'b';
select pg_temp.same(freehold.tenant_current(), 'a', 'nor by a setting');
rollback to scene;
set local session authorization tenant_b_ro;
select is(freehold.tenant_current(), 'b', 'the reader''s login is in its tenant');
select is(pg_temp.code('insert into tenant_b.note (body) values (1)'), '42501', 'it has no right to write');
select is(pg_temp.code('select freehold.tenant_enter(''b'')'), 'FH303', 'it does not enter to write');
select freehold.tenant_enter('b', 'bob', 'read');
select pg_temp.same(pg_temp.state(), 'tenant_b_ro of b by bob on tenant_b, pg_catalog, pg_temp', 'but to read');
select pg_temp.same(pg_temp.code('select freehold.tenant_context(''a'', ''read'')'), 'FH305', 'its own tenant alone');
rollback to scene;

-- Names that need quoting.
set local session authorization ctx_app;
select pg_temp.same(freehold.actor_current(), actor, 'an actor is taken to the byte: ' || quote_literal(replace(left(actor, 20), E'\n', ' ')))
from unnest(array['O''Brien', 'a"; reset role; --', E'two\nlines', E'back\\slash\\''', '$$', '%s %I %L', 'été 日本', repeat('x', 200)]) as actor, freehold.tenant_enter('a', actor);
select pg_temp.same(pg_temp.state(), format('tenant_a_rw of a by %s on tenant_a, pg_catalog, pg_temp', repeat('x', 200)), 'and nothing came of them');
set local escape_string_warning = off;
set local standard_conforming_strings = off;
select freehold.tenant_enter('a', E'back\\slash\\''; reset role; --');
select pg_temp.same(freehold.actor_current(), E'back\\slash\\''; reset role; --', 'whatever the session takes a backslash for');
rollback to scene;

-- A resolver asks, and enters nothing.
set local session authorization ctx_resolver;
select results_eq('select schema_name::text collate "default", role_name::text collate "default", role_id, read_only, cell, path from freehold.tenant_context(''a'')',
    $$values ('tenant_a', 'tenant_a_rw', 'tenant_a_rw'::regrole::oid, false, 1, 'tenant_a, pg_catalog, pg_temp')$$, 'tenant_context says what a transaction sets');
select results_eq('select role_name::text collate "default", role_id, read_only from freehold.tenant_context(''b'', ''read'')',
    $$values ('tenant_b_ro', 'tenant_b_ro'::regrole::oid, true)$$, 'the reader, to read');
select results_eq('select role_name::text collate "default", read_only from freehold.tenant_context(''a'', ''read'')',
    $$values ('tenant_a_rw', true)$$, 'or the other role and a read-only transaction');
select is(pg_temp.code(format('select freehold.tenant_context(%L)', slug)), code, 'tenant_context: ' || slug)
from (values ('none', 'FH101'), ('asleep', 'FH302'), ('gone', 'FH304')) as refused (slug, code);
select results_eq(
    $$select p.proname::text collate "default" from pg_proc as p
      where p.pronamespace = 'freehold'::regnamespace and has_function_privilege(p.oid, 'execute') order by p.proname$$,
    array['_console_session_close', '_console_session_open', '_console_session_use', '_member_of', 'api_key_check', 'member_check',
          'member_tenants', 'permission_check', 'tenant_context'],
    'of whom a user, whose a key and whose a session of the console is, and nothing else of the control plane');
select is(pg_temp.code(statement), '42501', 'refused: ' || statement)
from unnest(array['select freehold.tenant_enter(''a'')', 'select freehold.tenant_current()', 'select freehold.tenant_leave()',
                  'select freehold.actor_current()', 'select freehold.tenant_get(''a'')', 'select * from freehold.tenant',
                  'select * from tenant_a.note', 'set local role tenant_a_rw', 'set local role freehold_gate_01',
                  'set local role freehold_gates']) as statement;
rollback to scene;

-- Opaque naming: the schema tells no name, and the role still tells the tenant.
update freehold.setting set value = 'opaque' where name = 'naming';
select freehold.setting_set('cell_capacity', '100');
select freehold.tenant_provision('hidden', 'ctx');
select freehold.gate_grant('ctx_app', (freehold.tenant_get('hidden')).cell);
set local session authorization ctx_app;
select freehold.tenant_enter('hidden', 'alice');
select pg_temp.same(freehold.tenant_current() || ' by ' || freehold.actor_current(), 'hidden by alice', 'an opaque name is entered by its slug');
select pg_temp.same((current_user ~ 'hidden' or current_setting('search_path') ~ 'hidden')::text, 'false', 'which role and path do not tell');
select pg_temp.same(pg_temp.code('insert into note (body) values (1)'), 'ok', 'it is the right schema');
rollback to scene;
select is(pg_temp.code('select freehold.tenant_current()'), 'FH301', 'and all of it is over');
select * from finish();
rollback;
