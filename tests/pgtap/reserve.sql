-- Ready-made schemas: how they are made, claimed and dropped, and that a stale one is never handed out.
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
create function pg_temp.reserve() returns table (template text, version int, ready int, stale int) language sql as
    $$ select r.template collate "default", r.version, r.ready::int, r.stale::int from freehold.reserve_status() as r $$;
select freehold.template_create('res');
select freehold.template_apply('res', '
    create table note (id int primary key, body text);
    create function here() returns text language sql set search_path from current as ''select current_schema()'';
    insert into note values (1, ''seed'')');

select is(pg_temp.code($$select freehold.reserve_fill_step('res', 1)$$), 'FH208', 'a template that was never frozen has no reserve');
select is(pg_temp.code($$select freehold.reserve_fill_step('none', 1)$$), 'FH102', 'nor has one that is not there');
select freehold.template_freeze('res');
select is(pg_temp.code($$select freehold.reserve_fill_step('res', -1)$$), 'FH003', 'a size is not negative');
select is(pg_temp.code($$select freehold.reserve_fill_step('res', null)$$), 'FH003', 'nor null');
select freehold.tenant_provision('built', 'res');
select is(freehold.reserve_fill_step('res', 2), 1, 'a step makes one');
select is(freehold.reserve_fill_step('res', 2), 0, 'and the next the last');
select is(freehold.reserve_fill_step('res', 2), 0, 'a full reserve is left alone');
select results_eq('select * from pg_temp.reserve()', $$values ('res', 1, 2, 0)$$, 'two are ready');

select is_empty(
    $$select m.member::regrole from pg_auth_members as m join pg_roles as r on r.oid = m.roleid
      where r.rolname ~ '^tenant_reserve_.*_rw$' and m.member::regrole::text ~ '^freehold_gate_'$$,
    'no gate reaches what waits');

-- A claim.
select freehold.tenant_provision('acme', 'res', display_name => 'Acme');
select is((freehold.tenant_get('acme')).id::text, (select o.detail ->> 'tenant_id' from freehold.operation_list() as o
                                                   where o.kind = 'reserve_make' order by o.id limit 1),
          'with the id that it got when it was filled');
select results_eq('select * from pg_temp.reserve()', $$values ('res', 1, 1, 0)$$, 'provisioning takes one');
select results_eq(
    $$select t.schema_name::text collate "default", t.owner_role::text collate "default", t.state, t.display_name
      from freehold.tenant_get('acme') as t$$,
    $$values ('tenant_acme', 'tenant_acme_owner', 'active', 'Acme')$$, 'under the tenant''s own name');
select is(freehold.schema_fingerprint('tenant_acme'), freehold.schema_fingerprint('tenant_built'), 'it is what is built otherwise');
select is_empty($$select * from freehold.tenant_drift('acme')$$, 'without drift');
select isnt((select detail ->> 'reserve' from freehold.operation_list('acme') where kind = 'provision'), null, 'the operation says where it came from');
select freehold.gate_grant(current_user);
set local role tenant_acme_rw;
set local search_path = tenant_acme, tap, pg_catalog;
select is(body, 'seed', 'the runtime role is in, and the seed rows are') from note;
select is(here(), 'tenant_acme', 'a function that sets its path looks into the new schema');
reset role;
set local search_path = tap, pg_catalog;
select is_empty($$select rolname from pg_roles where rolname like 'tenant\_reserve\_%' except
    select unnest(array[schema_name || '_owner', schema_name || '_rw']) from (
        select n.nspname as schema_name from pg_namespace as n where n.nspname like 'tenant\_reserve\_%') as s$$,
    'no role keeps a name of the reserve without its schema');

-- A new version makes the rest stale.
select freehold.template_apply('res', 'alter table note add at timestamptz');
select freehold.template_freeze('res');
select results_eq('select * from pg_temp.reserve()', $$values ('res', 2, 0, 1)$$, 'what is left is stale');
select is((freehold.tenant_provision('beta', 'res')).template_version, 2, 'so provisioning builds');
select is_empty($$select * from freehold.tenant_drift('beta')$$, 'the current version');
select results_eq('select * from pg_temp.reserve()', $$values ('res', 2, 0, 1)$$, 'and the stale one is left');
select is(freehold.reserve_fill_step('res', 1), 1, 'filling drops it first');
select is(freehold.reserve_fill_step('res', 1), 0, 'then makes one of the current version');
select results_eq('select * from pg_temp.reserve()', $$values ('res', 2, 1, 0)$$, 'which is ready');

-- A failed claim gives it back; a template with a reserve stays; emptied, nothing is left.
select is(pg_temp.code($$select freehold.tenant_provision('acme', 'res')$$), 'FH201', 'a slug that is taken');
select results_eq('select * from pg_temp.reserve()', $$values ('res', 2, 1, 0)$$, 'takes nothing from the reserve');
select is(pg_temp.code($$select freehold.template_drop('res')$$), 'FH205', 'a template with tenants or a reserve is not dropped');
select is(freehold.reserve_fill_step('res', 0), 0, 'a reserve is emptied');
select is_empty('select * from pg_temp.reserve()', 'and gone');
select is_empty($$select nspname from pg_namespace where nspname like 'tenant\_reserve\_%'$$, 'with its schemas');
select is_empty($$select rolname from pg_roles where rolname like 'tenant\_reserve\_%'$$, 'and roles');
select * from finish();
rollback;
