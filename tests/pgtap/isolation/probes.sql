-- What a tenant's runtime role can do and what it cannot, tried as that role; and that an application's login, which may
-- become it, is nothing by itself.
begin;
set local search_path = tap, public, pg_catalog;
select no_plan();
select freehold.template_create('iso');
select freehold.template_apply('iso', '
    create type mood as enum (''sad'', ''happy'');
    create table note (id bigint generated always as identity primary key, body text not null, mood mood default ''happy'');
    create table lookup (code text primary key);
    create sequence counter;
    create view recent as select * from note order by id desc limit 10;
    create materialized view summary as select count(*) as notes from note;
    create function note_count() returns bigint language sql stable as ''select count(*) from note'';
    create function owner_only() returns text language sql security definer as ''select current_user::text'';
    create procedure note_add(body text) language sql as ''insert into note (body) values ($1)'';
    insert into note (body) values (''from the template'');
    revoke insert, update, delete on lookup from freehold_template_iso_rw');
select freehold.template_freeze('iso');
select freehold.tenant_provision('a', 'iso');
select freehold.tenant_provision('b', 'iso');
select freehold.gate_grant(current_user);

-- As the tenant: its own rows, and only rows.
set local role tenant_a_rw;
set local search_path = tenant_a, tap, pg_catalog;
select lives_ok('insert into note (body) values (''mine'')', 'inserts');
select results_eq('select body from note order by id', array['from the template', 'mine'], 'reads its rows, seeds included');
select lives_ok('update note set body = ''changed'' where id = 2', 'updates');
select lives_ok('delete from note where id = 2', 'deletes');
select lives_ok('select nextval(''counter'')', 'draws from its sequences');
select lives_ok('select * from recent', 'reads its views');
select lives_ok('select * from summary', 'reads its materialised views');
select is(note_count(), 1::bigint, 'calls its functions');
select is(owner_only(), 'tenant_a_owner', 'a definer function of a migration is the tenant owner''s, no more');
select lives_ok('call note_add(''by a procedure'')', 'calls its procedures');
select lives_ok('select ''sad''::mood', 'uses its types');
select throws_ok('insert into lookup values (''x'')', '42501', null, 'a right that the template withholds is withheld');
select throws_ok(statement, '42501', null, 'refused on its own schema: ' || statement)
from unnest(array[
    'truncate note', 'create table t ()', 'create view v as select 1', 'create function f() returns int language sql as ''select 1''',
    'create type t as enum ()', 'create temporary table t ()', 'alter table note add column x int', 'drop table note',
    'create index on note (body)', 'create trigger t before insert on note for each row execute function suppress_redundant_updates_trigger()',
    'create policy p on note', 'alter schema tenant_a rename to x', 'drop schema tenant_a cascade', 'comment on table note is ''x''',
    'refresh materialized view summary', 'create schema mine',
    'alter table note owner to tenant_a_rw', 'alter table note disable trigger all', 'select setval(''counter'', 1)',
    'create table public.t ()', 'create publication p', 'create role r', 'set local session_replication_role = replica',
    'create rule r as on insert to note do instead nothing'
]) as statement;
select isnt(has_table_privilege('note', p), true, 'no ' || p) from unnest(array['truncate', 'references', 'trigger']) as p;

-- Another tenant, the template, the control plane.
select throws_ok(format('select * from %s', t), '42501', null, 'cannot read ' || t)
from unnest(array['tenant_b.note', 'tenant_b.recent', 'tenant_b.summary', 'template_iso.note', 'freehold.tenant', 'freehold.setting',
                  'freehold.operation', 'freehold.template_ddl']) as t;
select throws_ok(statement, '42501', null, 'refused elsewhere: ' || statement)
from unnest(array[
    'insert into tenant_b.note (body) values (''x'')', 'select tenant_b.note_count()', 'select tenant_b.owner_only()',
    'select nextval(''tenant_b.counter'')', 'select ''sad''::tenant_b.mood', 'call tenant_b.note_add(''x'')',
    'select freehold.tenant_get(''b'')', 'select freehold.tenant_suspend(''b'')', 'select freehold._cell_01(''select 1'', null)',
    'select freehold._owner_run(1, ''tenant_b'', ''tenant_b_owner'', ''select 1'')',
    'select freehold.schema_ddl(''tenant_b''::regnamespace)', 'select freehold.tenant_erase_step(''b'', ''x'')',
    'call freehold.tenant_erase(''b'', ''x'')', 'grant tenant_a_rw to freehold_gate_01',
    'grant tenant_a_rw to freehold_gates', 'grant freehold_gates to tenant_a_rw'
]) as statement;

-- The application's login by itself: the gate lends it no right.
reset role;
set local search_path = tap, pg_catalog;
select is_empty(
    $$select r, c.oid::regclass, p
      from pg_class as c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p,
          unnest(array['freehold_gate_01', 'freehold_gates']) as r
      where c.relnamespace in ('tenant_a'::regnamespace, 'tenant_b'::regnamespace, 'template_iso'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and has_table_privilege(r, c.oid, p)$$,
    'the gate inherits nothing of its tenants''');
select throws_ok('select * from tenant_a.note', '42501', null, 'nor does the login');
select throws_ok('set local role tenant_a_owner', '42501', null, 'the gate does not reach an owner');
select throws_ok('set local role freehold_cell_01', '42501', null, 'nor a provisioner')
where current_setting('server_version_num')::int >= 160000;

-- Enumerated: no kind of object of another schema is within a tenant's reach, nor anything of the control plane.
select is_empty(
    $$select n.nspname from pg_namespace as n, unnest(array['usage', 'create']) as p
      where n.nspname ~ '^(tenant_b|template_|freehold)' and has_schema_privilege('tenant_a_rw', n.oid, p)
          and (n.nspname, p) <> ('freehold', 'usage')$$,
    'no schema; of the control plane''s the use alone');
select set_eq(
    format($$select p.proname::text collate "default" from pg_proc as p
             where p.pronamespace = 'freehold'::regnamespace and has_function_privilege(%L, p.oid, 'execute')$$, role),
    array['tenant_enter', '_context_open', 'tenant_leave', 'tenant_current', 'tenant_context', 'actor_current', '_break_glass_person',
          '_role_sure', '_session_reset', '_session_clean', 'access_record', '_reads_open']
    || case when role not in ('freehold_gate_01', 'freehold_gates')
            then array['audit_enable', 'audit_disable', '_audit_attach', '_audit_tree', 'audit_history',
                                                       'audit_as_of', 'audit_as_of_table', '_audit_history_own',
                                                       '_audit_rows_own'] else '{}' end,
    role || ' may call what a transaction''s context and an owner''s migrations need, and nothing else of the control plane')
from unnest(array['tenant_a_rw', 'tenant_a_owner', 'freehold_tenant', 'freehold_gate_01', 'freehold_gates']) as role;
select is_empty(
    $$select r.role, c.oid::regclass
      from pg_class as c, unnest(array['tenant_a_rw', 'tenant_a_owner', 'freehold_tenant', 'freehold_gate_01', 'freehold_gates',
                                        'freehold_resolver']) as r (role)
      where c.relnamespace = 'freehold'::regnamespace
          and case c.relkind when 'S' then has_sequence_privilege(r.role, c.oid, 'usage, select, update')
                             when 'i' then false
                             else has_table_privilege(r.role, c.oid, 'select, insert, update, delete, truncate, references, trigger')
                                  or has_any_column_privilege(r.role, c.oid, 'select, insert, update, references') end$$,
    'who enters a context reads and writes no table of the control plane');
select is_empty(
    $$select c.oid::regclass, p from pg_class as c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p
      where c.relnamespace in ('tenant_b'::regnamespace, 'template_iso'::regnamespace, 'freehold'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and has_table_privilege('tenant_a_rw', c.oid, p)$$,
    'no relation');
select is_empty(
    $$select c.oid::regclass from pg_class as c
      where c.relnamespace in ('tenant_b'::regnamespace, 'template_iso'::regnamespace, 'freehold'::regnamespace) 
        and case when c.relkind = 'S' then has_sequence_privilege('tenant_a_rw', c.oid, 'usage, select, update') end$$,
    'no sequence');
select is_empty(
    $$select d.datname, p from pg_database as d, unnest(array['create', 'temporary']) as p
      where d.datname = current_database() and has_database_privilege('tenant_a_rw', d.oid, p)$$,
    'no CREATE or TEMPORARY on the database');
select is_empty(
    $$with recursive reach (role) as (
          select 'tenant_a_rw'::regrole::oid
          union select m.roleid from reach as r join pg_auth_members as m on m.member = r.role)
      select role::regrole from reach where role::regrole::text not in ('tenant_a_rw', 'freehold_tenant')$$,
    'a runtime role is a member of the tenants'' group only');
select is_empty(
    $$select m.member::regrole from pg_auth_members as m
      where m.roleid in ('tenant_a_owner'::regrole, 'tenant_b_owner'::regrole)
        and (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true) or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))$$,
    'an owner has no members at rest');

-- A suspended tenant is out.
select freehold.tenant_suspend('a', 'test');
select throws_ok('set local role tenant_a_rw', '42501', null, 'the role of a suspended tenant cannot be taken');
select freehold.gate_revoke(current_user);
select throws_ok('set local role tenant_b_rw', '42501', null, 'nor any without the gate');
select * from finish();
rollback;
