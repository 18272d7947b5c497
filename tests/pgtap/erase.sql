-- Erasure takes everything of the tenant and nothing of anybody else.
begin;
set local search_path = tap, pg_catalog;
select no_plan();

create function pg_temp.failure(statement text) returns text language plpgsql as $$
declare
    v_detail text;
begin
    execute statement;
    return 'no error';
exception when others then
    get stacked diagnostics v_detail = pg_exception_detail;
    return sqlstate || ' ' || v_detail;
end
$$;

select freehold.template_create('gone');
select freehold.template_apply('gone', '
    create type kind as enum (''a'', ''b'');
    create table item (id int primary key, kind kind, body text);
    create function size(item) returns int language sql as ''select length($1.body)'';
    insert into item values (1, ''a'', ''x'')');
select freehold.template_freeze('gone');
select freehold.tenant_provision('leaver', 'gone', 'Leaver Ltd', 'L-1', '{"secret": "s"}');
select freehold.tenant_provision('stayer', 'gone');
create schema elsewhere;

-- The tenant's owner lets this role in, so that it can hang things on the tenant's objects.
grant freehold_owner to current_user;
select freehold._owner_run(1, 'tenant_leaver', 'tenant_leaver_owner',
    format('grant usage on schema tenant_leaver to %1$I; grant select, references on item to %1$I; grant usage on type kind to %1$I', current_user));
create view elsewhere.looks as select id from tenant_leaver.item;
create table elsewhere.points (id int references tenant_leaver.item);
create table elsewhere.uses (a int, k tenant_leaver.kind);
create function elsewhere.takes(tenant_leaver.kind) returns int language sql as 'select 1';
create table elsewhere.defaults (a int default length('a'::tenant_leaver.kind::text));
select freehold.tenant_retire('leaver', '0');
select matches(pg_temp.failure($$select freehold.tenant_erase_step('leaver', 'x')$$), '^FH206 .*view elsewhere.looks', 'a view is found');
select matches(pg_temp.failure($$select freehold.tenant_erase_step('leaver', 'x')$$), 'constraint points_id_fkey', 'a foreign key');
select matches(pg_temp.failure($$select freehold.tenant_erase_step('leaver', 'x')$$), 'column k of table elsewhere.uses', 'a column');
select matches(pg_temp.failure($$select freehold.tenant_erase_step('leaver', 'x')$$), 'function elsewhere.takes', 'a function');
select matches(pg_temp.failure($$select freehold.tenant_erase_step('leaver', 'x')$$), 'default value for column a', 'a default');
select is((freehold.tenant_get('leaver')).state, 'retired', 'and nothing has changed');
select has_table('tenant_leaver', 'item', 'the tables are there');
drop schema elsewhere cascade;

create temporary table before as
    select r.oid, r.rolname from pg_roles as r where r.rolname ~ '^tenant_leaver_';
select is((freehold.tenant_erase_step('leaver', 'gdpr')).state, 'done', 'erased when nothing outside depends on it');
select hasnt_schema('tenant_leaver');
select is_empty('select b.rolname from before as b join pg_roles as r using (oid)', 'its roles are gone');
select is_empty('select s.* from before as b join pg_shdepend as s on s.refobjid = b.oid', 'nothing refers to them');
select is_empty('select m.* from before as b join pg_auth_members as m on b.oid in (m.roleid, m.member)', 'no membership either');
select is_empty('select a.* from before as b join pg_default_acl as a on a.defaclrole = b.oid', 'nor default privileges');
select results_eq(
    $$select slug, display_name, external_id, external_id_key, settings, template from freehold.tenant_list('erased')$$,
    $$values ('leaver'::text, null::text, null::text, null::text, '{}'::jsonb, null::text)$$,
    'the registry keeps a tombstone without personal data');
select is((select detail -> 'residue' from freehold.operation_list('leaver', max_rows => 1)), '[]'::jsonb, 'no residue was found');
select isnt((select detail -> 'inventory' ->> 'table' from freehold.operation_list('leaver', max_rows => 1)), null, 'the inventory was kept');
select has_table('tenant_stayer', 'item', 'the other tenant is untouched');
select is_empty($$select * from freehold.tenant_drift('stayer')$$, 'wholly');

select freehold.tenant_retire('stayer', '0');
select is((freehold.tenant_erase_step('stayer', 'x')).state, 'done', 'the other goes too');
select lives_ok($$select freehold.template_drop('gone')$$, 'and then the template');
select hasnt_schema('template_gone');
select is_empty($$select rolname from pg_roles where rolname ~ '(leaver|stayer|gone)'$$, 'no role is orphaned');
select * from finish();
rollback;
