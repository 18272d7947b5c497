-- The read-only role of a tenant and logins of its own: what they can do, tried as them, and what becomes of them through
-- the tenant's life.
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
-- By oid: the session itself may not look into the schemas.
create function pg_temp.may(role name, name text, privilege text) returns boolean language sql as $$
    select case privilege
        when 'execute' then (select has_function_privilege(role, p.oid, privilege) from pg_proc as p
                             where format('%s.%s', p.pronamespace::regnamespace, p.proname) = name)
        else (select has_table_privilege(role, c.oid, privilege) from pg_class as c
              where format('%s.%s', c.relnamespace::regnamespace, c.relname) = name)
    end
$$;
select freehold.template_create('acc');
select freehold.template_apply('acc', '
    create table note (id bigint generated always as identity primary key, body text not null);
    create table secret (word text);
    create sequence counter;
    create function shout(text) returns text language sql immutable as ''select upper($1)'';
    create view recent as select id, shout(body) as body from note;
    create materialized view summary as select count(*) as notes from note;
    create function note_add() returns void language sql security definer as ''insert into note (body) values (''''x'''')'';
    insert into note (body) values (''seed'')');
select freehold.template_freeze('acc');
select freehold.tenant_provision('a', 'acc');
select freehold.tenant_provision('b', 'acc');
select freehold.gate_grant(current_user);

select is((freehold.tenant_get('a')).ro_role, null, 'a tenant has no reader until one is asked for');
select is(pg_temp.code($$select freehold.reader_drop('a')$$), 'FH104', 'so there is none to drop');
select is(pg_temp.code($$select freehold.login_enable('a', 'read')$$), 'FH104', 'nor to log in');
select is((freehold.reader_create('a')).ro_role, 'tenant_a_ro', 'reader_create names it');
select lives_ok($$select freehold.reader_create('a')$$, 'twice is once');
select is_empty($$select * from freehold.tenant_drift('a')$$, 'a reader is no drift');
select is(freehold.schema_fingerprint('tenant_a'), freehold.schema_fingerprint('tenant_b'), 'nor another fingerprint');

set local role tenant_a_rw;
set local search_path = tenant_a, tap, pg_catalog;
insert into note (body) values ('mine');
reset role;
set local role tenant_a_ro;
set local search_path = tenant_a, tap, pg_catalog;
select results_eq('select body from note order by id', array['seed', 'mine'], 'reads rows');
select results_eq('select body from recent order by id', array['SEED', 'MINE'], 'reads views, their functions included');
select is(notes, 1::bigint, 'reads materialised views') from summary;
select is(last_value, 1::bigint, 'reads sequences') from counter;
select throws_ok(statement, '42501', null, 'refused: ' || statement)
from unnest(array[
    'insert into note (body) values (''x'')', 'update note set body = ''x''', 'delete from note', 'truncate note',
    'select nextval(''counter'')', 'select nextval(''note_id_seq'')', 'select setval(''counter'', 9)', 'select note_add()',
    'select * from note for update', 'create table t ()', 'create temporary table t ()', 'lock table note in share mode',
    'select * from tenant_b.note', 'select * from template_acc.note', 'select * from freehold.tenant',
    'set local role tenant_a_owner', 'select freehold.reader_create(''b'')', 'alter role tenant_a_ro createrole'
]) as statement;
reset role;
set local search_path = tap, pg_catalog;

-- What comes later is covered, and what the owner takes away stays away in a clone.
grant freehold_owner to current_user;
set local role freehold_owner;
select freehold._owner_run(1, 'tenant_a', 'tenant_a_owner',
    'create table later (id int); create function late() returns int language sql as ''select 1'';
     revoke select on secret from tenant_a_ro');
reset role;
revoke freehold_owner from current_user;
select ok(pg_temp.may('tenant_a_ro', 'tenant_a.later', 'select'), 'a later table is readable');
select ok(not pg_temp.may('tenant_a_ro', 'tenant_a.late', 'execute'), 'a later function is not callable yet');
select is((freehold.tenant_clone('a', 'c')).ro_role, 'tenant_c_ro', 'a clone has a reader too');
select ok(pg_temp.may('tenant_c_ro', 'tenant_c.note', 'select')
          and not pg_temp.may('tenant_c_ro', 'tenant_c.secret', 'select')
          and not pg_temp.may('tenant_c_ro', 'tenant_c.note', 'insert'), 'with the same rights');
select is_empty(
    $$select c.oid::regclass from pg_class as c
      where c.relnamespace = 'tenant_c'::regnamespace and c.relkind in ('r', 'v', 'm') and has_table_privilege('tenant_a_ro', c.oid, 'select')$$,
    'and the source''s reader has none there');
select freehold.reader_create('a');
select ok(pg_temp.may('tenant_a_ro', 'tenant_a.late', 'execute'), 'reader_create again covers it');

-- Logins.
select is(pg_temp.code($$select freehold.login_enable('a', 'write', 'hunter2')$$), 'FH003', 'a password is not taken');
select is(pg_temp.code($$select freehold.login_enable('a', 'all')$$), 'FH003', 'access is write or read');
select is(pg_temp.code($$select freehold.login_enable('a', connection_limit => -2)$$), 'FH003', 'a limit is not negative');
select is((freehold.login_enable('a', connection_limit => 5)).rw_login, true, 'a login for the runtime role');
select is((freehold.login_enable('a', 'read')).ro_login, true, 'and for the reader');
select results_eq(
    $$select rolname::text collate "default", rolcanlogin, rolconnlimit from pg_roles where rolname in ('tenant_a_rw', 'tenant_a_ro', 'tenant_a_owner') order by 1$$,
    $$values ('tenant_a_owner', false, -1), ('tenant_a_ro', true, -1), ('tenant_a_rw', true, 5)$$,
    'the roles log in, the owner never');
select freehold.tenant_suspend('a', 'test');
select is((select bool_or(rolcanlogin) from pg_roles where rolname like 'tenant\_a\_%'), false, 'a suspended tenant logs in no more');
select is(pg_temp.code('set local role tenant_a_ro'), '42501', 'nor does its reader pass the gate');
select freehold.login_enable('a', 'write', connection_limit => 7);
select is((select bool_or(rolcanlogin) from pg_roles where rolname like 'tenant\_a\_%'), false, 'not even when a login is enabled');
select freehold.tenant_resume('a');
select is((select array_agg(rolname::text order by rolname) from pg_roles where rolname like 'tenant\_a\_%' and rolcanlogin),
          array['tenant_a_ro', 'tenant_a_rw'], 'resumed, both do');
select is(pg_temp.code('set local role tenant_a_ro'), 'ok', 'and the gate is open');
reset role;

select is((freehold.tenant_rename('a', 'z')).ro_role, 'tenant_z_ro', 'a rename takes the reader along');
select results_eq(
    $$select r.rolname::text collate "default", s.setconfig collate "default" from pg_db_role_setting as s join pg_roles as r on r.oid = s.setrole
      where r.rolname like 'tenant\_z\_%' order by 1$$,
    $$values ('tenant_z_ro', array['search_path=tenant_z, pg_catalog, pg_temp']),
             ('tenant_z_rw', array['search_path=tenant_z, pg_catalog, pg_temp'])$$,
    'and the paths of the logins');
select is((freehold.login_disable('z')).rw_login, false, 'a login is taken away');
select results_eq(
    $$select rolcanlogin, rolconnlimit from pg_roles where rolname = 'tenant_z_rw'$$, $$values (false, -1)$$, 'with its limit');
select is((freehold.tenant_clone('z', 'y')).ro_login, false, 'a clone does not inherit logins');
select is((freehold.reader_drop('z')).ro_role, null, 'a reader is dropped');
select is_empty($$select 1 from pg_roles where rolname ~ '^tenant_[az]_ro$'$$, 'its role is gone');

select freehold.tenant_retire('y', '0 days');
select is(pg_temp.code($$select freehold.reader_create('y')$$), 'FH202', 'a retired tenant is given no reader');
select is((freehold.tenant_erase_step('y', 'test')).state, 'done', 'a tenant with a reader is erased');
select is_empty($$select rolname from pg_roles where rolname like 'tenant\_y\_%'$$, 'with all of its roles');
select is_empty($$select jsonb_array_elements(detail -> 'residue') from freehold.operation_list('y') where kind = 'erase'$$, 'and no residue');
select * from finish();
rollback;
