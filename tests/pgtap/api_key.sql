-- session: superuser
-- API keys: who may call what, who may give what to whom, and what is no key. A superuser's session, so that it can be all of them.
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
create function pg_temp.hash(token text) returns bytea language sql as 'select sha256(convert_to($1, ''UTF8''))';
create role k_admin in role freehold_admin;
create role k_auditor in role freehold_auditor;
create role k_worker in role freehold_worker;
create role k_both in role freehold_admin, freehold_break_glass;
create role k_resolver in role freehold_resolver;
create role k_staff in role freehold_break_glass;
create role k_nobody;
select freehold.template_create('keyed');
select freehold.template_freeze('keyed');
select freehold.tenant_provision(s, 'keyed') from unnest(array['a', 'b', 'gone']) as s;
create temporary table made (name text primary key, id bigint, token text);
grant all on made to public;

-- Who may call what.
select results_eq(
    $$select p.proname::text collate "default", string_agg(substr(r.rolname, 3) collate "default", ' ' order by r.rolname)
      from pg_proc as p, unnest(array['k_admin', 'k_auditor', 'k_worker', 'k_resolver', 'k_staff', 'k_nobody', 'tenant_a_rw',
                                      'tenant_a_owner', 'freehold_gate_01', 'freehold_tenant']) as r (rolname)
      where p.pronamespace = 'freehold'::regnamespace and p.proname ~ '^_?api_key_'
          and has_function_privilege(r.rolname, p.oid, 'execute')
      group by p.proname order by 1$$,
    $$values ('api_key_check', 'admin resolver'), ('api_key_create', 'admin'), ('api_key_list', 'admin auditor worker'),
             ('api_key_purge', 'admin worker'), ('api_key_revoke', 'admin'), ('api_key_rotate', 'admin')$$,
    'admins make keys, a service asks, the private functions are nobody''s');
select is(has_table_privilege(r, 'freehold.' || t, p), false, format('%s has no %s on %s', r, p, t))
from unnest(array['k_admin', 'k_auditor', 'k_worker', 'k_resolver', 'k_staff', 'tenant_a_rw', 'tenant_a_owner']) as r,
     unnest(array['api_key', 'api_key_secret', 'api_key_tenant']) as t, unnest(array['select', 'insert', 'update', 'delete']) as p;
select is(pg_temp.code(format('set local role %I; select freehold.%s', r, c)), '42501', r || ' may not ' || c)
from unnest(array['k_auditor', 'k_worker', 'k_staff', 'k_resolver', 'k_nobody', 'tenant_a_rw']) as r,
     unnest(array['api_key_create(''x'', array[]::text[])', 'api_key_rotate(1)', 'api_key_revoke(1, ''x'')', '_api_key_token(1)']) as c;
reset role;

-- A key gives no more than its maker has: asked of the role that acts, whatever the login could become.
select is(pg_temp.code(format('set local role %I; select freehold.api_key_create(%L, %L)', r, 'n' || o, k)), w,
          format('%s makes %s: %s', r, k, w))
from (values (1, 'k_admin', '{}'::text[], 'ok'), (2, 'k_admin', '{admin}', 'ok'), (3, 'k_admin', '{auditor}', 'ok'),
             (4, 'k_admin', '{worker}', 'ok'), (5, 'k_admin', '{admin,auditor,worker}', 'ok'), (6, 'k_admin', '{break_glass}', 'FH381'),
             (7, 'k_admin', '{admin,break_glass}', 'FH381'), (8, 'freehold_admin', '{admin,worker}', 'ok'),
             (9, 'freehold_admin', '{break_glass}', 'FH381'), (10, 'k_both', '{break_glass}', 'ok'),
             (11, 'k_both', '{admin,break_glass}', 'ok')) as v (o, r, k, w);
reset role;
create temporary table made_by_others as select k.id, k.name from freehold.api_key as k;
grant select on made_by_others to public;
-- Nor does a new token of a key that somebody else made.
select is(pg_temp.code(format('set local role %I; select freehold.api_key_rotate(%s)', r, k.id)), w,
          format('%s rotates %s: %s', r, k.name, w))
from (values ('n10', 'k_admin', 'FH381'), ('n11', 'k_admin', 'FH381'), ('n10', 'k_both', 'ok'), ('n2', 'k_admin', 'ok')) as v (n, r, w)
join made_by_others as k on k.name = v.n;
reset role;
-- To take one away is every admin's.
set local role k_admin;
select is(pg_temp.code(format('select freehold.api_key_revoke(%s, %L)', l.id, 'not wanted')), 'ok', 'an admin revokes ' || l.name)
from freehold.api_key_list() as l where l.name in ('n10', 'n11');
reset role;

-- What is no key.
select is(pg_temp.code(format('select freehold.api_key_create(%s)', c)), w, format('%s: %s', c, w))
from (values ('null, array[]::text[]', 'FH003'), ('''A'', array[]::text[]', 'FH003'), ('''a b'', array[]::text[]', 'FH003'),
             ('repeat(''a'', 64), array[]::text[]', 'FH003'), ('E''a\nb'', array[]::text[]', 'FH003'), ('''x'', null', 'FH003'),
             ('''x'', array[null]', 'FH003'), ('''x'', ''{owner}''', 'FH003'), ('''x'', ''{admin,superuser}''', 'FH003'),
             ('''x'', ''{}'', ''{}''', 'FH003'), ('''x'', ''{}'', array[null]', 'FH003'), ('''x'', ''{}'', ''{nope}''', 'FH101'),
             ('''x'', ''{}'', ''{a,nope}''', 'FH101'), ('''x'', ''{}'', ttl => ''0''', 'FH003'),
             ('''x'', ''{}'', ttl => ''-1 day''', 'FH003'), ('''x'', ''{}'', ttl => ''1000 years''', 'FH003'),
             ('''n1'', ''{}''', 'FH281'), ('''n10'', ''{}''', 'FH281')) as v (c, w);
select is_empty($$select from freehold.api_key as k where k.name = 'x'$$, 'and nothing of it is left');
select is(pg_temp.code(format('select freehold.%s', c)), w, format('%s: %s', c, w))
from (values ('api_key_rotate(0)', 'FH181'), ('api_key_rotate(null)', 'FH181'), ('api_key_rotate(1, null)', 'FH003'),
             ('api_key_rotate(1, ''-1 s'')', 'FH003'), ('api_key_rotate(1, ''31 days'')', 'FH003'), ('api_key_revoke(0, ''x'')', 'FH181'),
             ('api_key_revoke(1, null)', 'FH003'), ('api_key_revoke(1, '' '')', 'FH003'),
             ('api_key_revoke(1, repeat(''x'', 2001))', 'FH003'), ('api_key_purge(null)', 'FH003'),
             ('api_key_purge(''-1 s'')', 'FH003')) as v (c, w);

-- A token: what it looks like, and what is kept of it.
set local role k_admin;
insert into made select 'ci', c.id, c.token from freehold.api_key_create('ci', '{worker,worker}', ttl => '90 days') as c;
insert into made select 'app', c.id, c.token from freehold.api_key_create('app', '{}', '{a,gone,a}') as c;
reset role;
select is(m.token ~ format('^fh_%s_[A-Za-z0-9_-]{43}$', m.id), true, m.name || ' has a token') from made as m;
select is(count(distinct substr(m.token, 8)), 2::bigint, 'of their own') from made as m;
select is_empty(
    $$select r.row
      from made as m, (select to_jsonb(k)::text from freehold.api_key as k union all select to_jsonb(s)::text from freehold.api_key_secret as s
                       union all select to_jsonb(e)::text from freehold.event as e) as r (row)
      where strpos(r.row, substr(m.token, 8)) > 0$$, 'no token is kept anywhere');
select is_empty(
    $$select e.id from freehold.event as e, freehold.api_key_secret as s where strpos(e.detail::text, encode(s.token_sha256, 'hex')) > 0$$,
    'nor a hash in the events');
select results_eq(
    $$select e.detail ->> 'name', e.detail -> 'roles', (e.detail ->> 'expires_at') is not null, jsonb_array_length(e.detail -> 'tenants')
      from freehold.event as e where e.kind = 'api_key.created' and e.detail ->> 'name' in ('ci', 'app') order by e.id$$,
    $$values ('ci', '["worker"]'::jsonb, true, null::integer), ('app', '[]'::jsonb, false, 2)$$, 'the events tell of what');

-- The check.
set local role k_resolver;
select results_eq(
    $$select c.id, c.name, c.roles, c.tenant_ids, c.expires_at > now() from made as m, freehold.api_key_check(pg_temp.hash(m.token)) as c
      where m.name = 'ci'$$,
    $$select m.id, 'ci', '{worker}'::text[], null::uuid[], true from made as m where m.name = 'ci'$$, 'what a key is good for');
select is((select cardinality(c.tenant_ids) from made as m, freehold.api_key_check(pg_temp.hash(m.token)) as c where m.name = 'app'), 2,
          'and for whom');
select is_empty(format('select * from freehold.api_key_check(%s)', h), 'no key: ' || h)
from (values ('null'), ('''''::bytea'), ('sha256(''fh_1_x'')'), ('decode(repeat(''00'', 32), ''hex'')')) as v (h);
-- Who has read the table has no key.
reset role;
create temporary table leaked as select s.token_sha256 as hash from freehold.api_key_secret as s;
grant select on leaked to k_resolver, k_auditor;
set local role k_resolver;
select is_empty($$select c.* from leaked as l, freehold.api_key_check(pg_temp.hash(encode(l.hash, 'hex'))) as c$$, 'a hash is no token, in hex');
select is_empty($$select c.* from leaked as l, freehold.api_key_check(sha256(l.hash)) as c$$, 'nor as it is');
select is_empty($$select c.* from made as m, freehold.api_key_check(pg_temp.hash(replace(m.token, '_' || m.id || '_', '_1_'))) as c$$,
                'nor is a secret behind another key''s id');
select is_empty($$select c.* from made as m, freehold.api_key_check(convert_to(m.token, 'UTF8')) as c$$, 'nor the token itself');
reset role;

-- When it was used: once a minute.
create function pg_temp.used() returns timestamptz language sql as
    'select l.last_used_at from freehold.api_key_list(past => true) as l where l.name = ''ci''';
create function pg_temp.good(name text) returns bigint language sql volatile as
    'select count(c.id) from made as m, freehold.api_key_check(pg_temp.hash(m.token)) as c where m.name = $1';
create temporary table seen as select pg_temp.used() as at;
select isnt((select at from seen), null, 'a use is kept');
select is(pg_temp.good('ci'), 1::bigint);
select is(pg_temp.used(), (select at from seen), 'not twice in a minute');
update freehold.setting set value = '2 minutes' where name = 'clock_offset';
select is(pg_temp.good('ci'), 1::bigint);
select is(pg_temp.used() > (select at from seen) + interval '1 minute', true, 'but later on');
update freehold.setting set value = '0' where name = 'clock_offset';

-- A rotation.
create temporary table old as select * from made where name = 'ci';
create function pg_temp.old_good(out good bigint) language sql volatile as
    'select count(c.id) from old as o, freehold.api_key_check(pg_temp.hash(o.token)) as c';
set local role k_admin;
update made as m set token = (select r.token from freehold.api_key_rotate(m.id, '2 hours') as r) where m.name = 'ci';
reset role;
select isnt((select token from made where name = 'ci'), (select token from old), 'another token');
select is(array[pg_temp.good('ci'), pg_temp.old_good()], array[1, 1]::bigint[], 'both are good');
select is((select l.tokens from freehold.api_key_list() as l where l.name = 'ci'), 2::bigint, 'which the list says');
update freehold.setting set value = '2 hours 1 minute' where name = 'clock_offset';
select is(array[pg_temp.good('ci'), pg_temp.old_good()], array[1, 0]::bigint[], 'and then one');
update freehold.setting set value = '0' where name = 'clock_offset';
create temporary table older as select * from made where name = 'ci';
update made as m set token = (select r.token from freehold.api_key_rotate(m.id, '30 days') as r) where m.name = 'ci';
update freehold.setting set value = '2 hours 1 minute' where name = 'clock_offset';
select is(pg_temp.old_good(), 0::bigint, 'a longer overlap later makes none good for longer');
update freehold.setting set value = '0' where name = 'clock_offset';
update made as m set token = (select r.token from freehold.api_key_rotate(m.id, '0') as r) where m.name = 'ci';
select is(array[pg_temp.good('ci'), pg_temp.old_good(),
                (select count(c.id) from older as o, freehold.api_key_check(pg_temp.hash(o.token)) as c)],
          array[1, 0, 0]::bigint[], 'without an overlap all before it end at once');
select is((select count(*) from freehold.api_key_secret as s join made as m on m.id = s.key_id where m.name = 'ci'), 1::bigint,
          'and are not kept');

-- Expired, revoked.
update freehold.setting set value = '91 days' where name = 'clock_offset';
select is(pg_temp.good('ci'), 0::bigint, 'an expired key is none');
select is(pg_temp.code(format('select freehold.api_key_rotate(%s)', id)), 'FH282', 'nor is it made good again') from made where name = 'ci';
select is((select l.state from freehold.api_key_list(past => true) as l where l.name = 'ci'), 'expired');
select is_empty($$select from freehold.api_key_list() as l where l.name = 'ci'$$, 'the list leaves it out');
update freehold.setting set value = '0' where name = 'clock_offset';
select is(pg_temp.good('ci'), 1::bigint);
set local role k_admin;
select freehold.api_key_revoke(id, 'leaked') from made where name = 'ci';
reset role;
select is(pg_temp.good('ci'), 0::bigint, 'a revoked key is none');
select is_empty($$select from freehold.api_key_secret as s join made as m on m.id = s.key_id where m.name = 'ci'$$, 'no hash of it is left');
insert into freehold.api_key_secret (token_sha256, key_id, created_at) select pg_temp.hash(token), id, now() from made where name = 'ci';
select is(pg_temp.good('ci'), 0::bigint, 'nor would one help');
select is(pg_temp.code(format('select freehold.%s', c)), 'FH282', 'for good: ' || c)
from made as m, unnest(array[format('api_key_rotate(%s)', m.id), format('api_key_revoke(%s, %L)', m.id, 'x')]) as c where m.name = 'ci';
select is((select e.reason from freehold.event as e where e.kind = 'api_key.revoked' and e.detail ->> 'name' = 'ci'), 'leaked');

-- Bound by id: through a rename, not to who takes the slug, and to nobody at the end.
select freehold.tenant_rename('a', 'a-two');
select freehold.tenant_provision('a', 'keyed');
select is((select l.slugs from freehold.api_key_list() as l where l.name = 'app'), '{a-two,gone}'::text[], 'it goes with the tenant');
select is((freehold.tenant_get('a')).id = any (c.tenant_ids), false, 'and is not the next one''s')
from made as m, freehold.api_key_check(pg_temp.hash(m.token)) as c where m.name = 'app';
select freehold.tenant_retire(s, '0') from unnest(array['a-two', 'gone']) as s;
select is(pg_temp.code('select freehold.api_key_create(''late'', ''{}'', ''{gone}'')'), 'FH202', 'none is bound to who leaves');
select is((freehold.tenant_erase_step('gone', 'x')).state, 'done');
select is((select cardinality(c.tenant_ids) from made as m, freehold.api_key_check(pg_temp.hash(m.token)) as c where m.name = 'app'), 1,
          'an erased tenant is taken out');
select is((freehold.tenant_erase_step('a-two', 'x')).state, 'done');
select is((select c.tenant_ids from made as m, freehold.api_key_check(pg_temp.hash(m.token)) as c where m.name = 'app'), '{}'::uuid[],
          'a key whose tenants are all gone is bound to nothing, not to everything');
select is(pg_temp.code('select freehold.api_key_create(''late'', ''{}'', ''{gone}'')'), 'FH101', 'and gone is gone');

-- Auditors list, without hashes; a worker deletes what is long over.
set local role k_auditor;
select is((select count(*) from freehold.api_key_list(past => true)), 10::bigint, 'auditors see them all');
select is_empty(
    $$select from freehold.api_key_list(past => true) as l, leaked as h where strpos(to_jsonb(l)::text, encode(h.hash, 'hex')) > 0$$,
    'not their hashes');
set local role k_worker;
select is(freehold.api_key_purge('1 day'), 0::bigint, 'nothing is over for so long');
select is(freehold.api_key_purge('0', max_rows => 2), 2::bigint, 'some at a time');
select is(freehold.api_key_purge('0'), 1::bigint, 'the rest');
reset role;
select is(pg_temp.code('select freehold.api_key_create(''ci'', ''{}'')'), 'ok', 'and the name is free');
select is((select count(*) from freehold.event as e where e.kind = 'api_key.created' and e.detail ->> 'name' = 'ci'), 2::bigint,
          'the events stay');
select * from finish();
rollback;
