-- session: superuser
-- What the owner role, the runtime role, a break-glass login (open and expired), an auditor, a worker and an administrator can do to and
-- with what is recorded of a tenant's rows, tried as those roles. A superuser's session, so that it can be all of them.
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
create role au_admin in role freehold_admin;
create role au_audit in role freehold_auditor;
create role au_work in role freehold_worker;
create role au_staff in role freehold_break_glass;
select freehold.template_create('au');
select freehold.template_apply('au', '
    create table note (id int primary key, body text not null, pin text);
    create table plain (id int primary key);
    select freehold.audit_enable(''note'', mask => ''{pin}'')');
select freehold.template_freeze('au');
select freehold.tenant_provision('a', 'au');
select freehold.tenant_provision('b', 'au');
-- One log in parts, which are as far from everybody as the whole.
select freehold.audit_partition_set('a', '1 month');
create temporary table place as
    select t.slug, format('freehold_audit.%I', freehold._audit_name(t.id)) as log, format('freehold_audit.%I()', freehold._audit_writer(t.id)) as writer
    from freehold.tenant as t;
create temporary table part as
    select format('freehold_audit.%I', p.partition) as part, place.log from freehold.audit_partition_list('a') as p, place where place.slug = 'a';
create temporary table tried (role name, statement text, code text);
create temporary table opened (login name);
grant select, insert on place, part, tried, opened to public;
select cmp_ok(count(*), '>', 3::bigint, 'a log in parts') from part;

-- The runtime role: it writes, and each write is recorded; of the record it reaches nothing.
set local session authorization tenant_a_rw;
select is(pg_temp.code(statement), code, 'the runtime role: ' || statement)
from (values ('set local freehold.actor = ''alice''', 'ok'), ('insert into tenant_a.note values (1, ''one'', ''1234'')', 'ok'),
             ('update tenant_a.note set body = ''two'', pin = ''5678'' where id = 1', 'ok'), ('update tenant_a.note set body = body', 'ok'),
             ('delete from tenant_a.note where id = 1', 'ok'), ('insert into tenant_a.plain values (1)', 'ok'),
             ('truncate tenant_a.note', '42501')) as s (statement, code);
select is(pg_temp.code(format(statement, p.log, p.writer)), code, 'the runtime role: ' || statement)
from place as p
cross join (values ('select * from %1$s', '42501'), ('delete from %1$s', '42501'), ('truncate %1$s', '42501'), ('drop table %1$s', '42501'),
                   ('update %1$s set actor = ''mallory''', '42501'), ('insert into %1$s (at) values (now())', '42501'),
                   ('select %2$s', '42501'), ('alter table tenant_a.note disable trigger user', '42501'),
                   ('drop trigger freehold_audit_update on tenant_a.note', '42501'), ('set session_replication_role = replica', '42501'),
                   ('create trigger t after insert on tenant_a.plain for each statement execute function %2$s', '42501'),
                   ('select freehold.audit_enable(''tenant_a.plain''::regclass)', 'FH303'),
                   ('select freehold.audit_disable(''tenant_a.note''::regclass)', '42501'),
                   ('select freehold.audit_history(''a'')', 'FH303'), ('select freehold.audit_history(''b'')', 'FH303'),
                   ('select freehold.audit_export()', '42501'), ('select freehold.audit_open(''a'')', '42501'),
                   ('select freehold.audit_purge()', '42501'), ('select freehold.event_list()', '42501'),
                   ('select freehold.audit_partition_set(''a'')', '42501'), ('select freehold.audit_partition_make()', '42501'),
                   ('select freehold.audit_partition_list(''a'')', '42501')) as s (statement, code)
where p.slug = 'a';
reset session authorization;

-- Those who are to reach nothing of a log, on each part of it.
do $$
declare
    v_role name;
begin
    foreach v_role in array array['tenant_a_rw', 'tenant_a_owner', 'au_admin', 'au_audit', 'au_work', 'au_staff'] loop
        execute format('set local session authorization %I', v_role);
        insert into tried
        select v_role, format(s.statement, p.part, p.log), pg_temp.code(format(s.statement, p.part, p.log))
        from part as p
        cross join unnest(array['select * from %1$s', 'insert into %1$s (at) values (now())', 'update %1$s set actor = ''mallory''',
                                'delete from %1$s', 'truncate %1$s', 'drop table %1$s', 'alter table %1$s disable trigger user',
                                'alter table %2$s detach partition %1$s', 'alter table %1$s owner to current_user'])
            as s (statement);
        reset session authorization;
    end loop;
end $$;
select is(count(*), (select count(*) from part) * 6 * 9, 'all of it was tried') from tried;
select is_empty($$select * from tried where code <> '42501'$$, 'nobody reaches a part of a log');

select results_eq(
    $$select action collate "default", key, old, new, actor collate "default", login collate "default" from freehold.audit_history('a') order by id$$,
    $$values ('insert', '{"id": 1}'::jsonb, null::jsonb, '{"id": 1, "pin": "***", "body": "one"}'::jsonb, 'alice', 'tenant_a_rw'),
             ('update', '{"id": 1}', '{"pin": "***", "body": "one"}', '{"pin": "***", "body": "two"}', 'alice', 'tenant_a_rw'),
             ('delete', '{"id": 1}', '{"id": 1, "pin": "***", "body": "two"}', null, 'alice', 'tenant_a_rw')$$,
    'all it wrote is recorded, with what changed and who did it, and no masked value');
select is_empty($$select * from freehold.audit_history('b')$$, 'and in its tenant''s log alone');

-- The owner role, as whom migrations run: its tables are its own, the record is not.
set local session authorization tenant_a_owner;
select is(pg_temp.code(format(statement, p.log, p.writer)), code, 'the owner role: ' || statement)
from place as p
cross join (values ('select * from %1$s', '42501'), ('delete from %1$s', '42501'), ('drop table %1$s', '42501'), ('truncate %1$s', '42501'),
                   ('alter table %1$s owner to tenant_a_owner', '42501'), ('create table freehold_audit.t (i int)', '42501'),
                   ('create trigger t after insert on tenant_a.plain for each statement execute function %2$s', '42501'),
                   ('alter function %2$s owner to tenant_a_owner', '42501'), ('select freehold.audit_history(''a'')', 'FH303'),
                   ('select freehold.audit_enable(''tenant_a.plain''::regclass)', 'ok'),
                   ('select freehold.audit_disable(''tenant_a.plain''::regclass)', 'ok'),
                   ('select freehold.audit_enable(''tenant_b.plain''::regclass)', '42501')) as s (statement, code)
where p.slug = 'a';
select lives_ok('truncate tenant_a.note', 'the owner role truncates its table');
reset session authorization;
select is((select action from freehold.audit_history('a', max_rows => 1)), 'truncate', 'which is recorded');

-- Let in, the tenant's own roles read their own record.
select freehold.audit_open('a');
set local session authorization tenant_a_rw;
select is((select count(*) from freehold.audit_history('a')), 4::bigint, 'once let in, the runtime role reads its own record');
select is(pg_temp.code('select freehold.audit_history(''b'')'), 'FH303', 'and no other');
reset session authorization;

-- Those of the control plane.
set local session authorization au_audit;
select is(pg_temp.code(statement), code, 'an auditor: ' || statement)
from (values ('select freehold.audit_list(''a'')', 'ok'), ('select freehold.audit_verify()', 'ok'), ('select freehold.event_list()', 'ok'),
             ('select freehold.audit_history(''a'')', '42501'), ('select freehold.audit_as_of(''a'', ''note'', ''{"id": 1}'', now())', '42501'),
             ('select freehold.audit_purge()', '42501'), ('select freehold.audit_enable(''a'', ''plain'')', '42501'),
             ('select freehold.audit_partition_list(''a'')', 'ok'), ('select freehold.audit_partition_set(''a'')', '42501'),
             ('select freehold.access_list(''a'')', 'ok'), ('select freehold.access_purge(''0'')', '42501'),
             ('select freehold.break_glass_open(''a'', ''why'', ''T-1'')', '42501')) as s (statement, code);
set local session authorization au_work;
select is(pg_temp.code('select freehold.audit_history(''a'')'), '42501', 'a worker reads no record');
set local session authorization au_admin;
select is((select count(*) from freehold.audit_history('a')), 4::bigint, 'an administrator reads it');
select is(pg_temp.code(format('delete from %s', p.log)), '42501', 'and cannot change it') from place as p where p.slug = 'a';
reset session authorization;

-- Staff who broke the glass: what they write is recorded under the person's name, whatever they say; then it is over.
set local freehold.actor = '';
set local session authorization au_staff;
insert into opened select login from freehold.break_glass_open('a', 'repair', 'T-1', access => 'write');
reset session authorization;
do $$ begin execute format('set local session authorization %I', (select login from opened)); end $$;
select is(pg_temp.code(statement), code, 'staff inside: ' || statement)
from (values ('set local freehold.actor = ''mallory''', 'ok'), ('insert into tenant_a.note values (2, ''mended'', null)', 'ok'),
             ('truncate tenant_a.note', '42501'), ('alter table tenant_a.note disable trigger user', '42501'),
             ('select freehold.audit_history(''b'')', 'FH303'), ('select * from tenant_b.note', '42501')) as s (statement, code);
reset session authorization;
select results_eq(
    $$select action, actor, login ~ '^freehold_bg_' from freehold.audit_history('a', max_rows => 1)$$,
    $$values ('insert', 'au_staff', true)$$, 'what staff wrote is recorded under the person''s name');
update freehold.break_glass set expires_at = now() - interval '1 minute' where state = 'open';
select isnt_empty('select * from freehold.break_glass_expire()', 'its time is over');
do $$ begin execute format('set local session authorization %I', (select login from opened)); end $$;
select is(pg_temp.code(statement), '42501', 'expired: ' || statement)
from unnest(array['select * from tenant_a.note', 'insert into tenant_a.note values (3, ''late'', null)', 'select freehold.audit_history(''a'')',
                  'select freehold.tenant_enter(''a'')']) as statement;
reset session authorization;
select is((select count(*) from freehold.audit_history('a')), 5::bigint, 'and nothing more is recorded of it');
select * from finish();
rollback;
