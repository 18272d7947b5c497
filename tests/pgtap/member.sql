-- session: superuser
-- Users, memberships, roles and invitations: who may call what, who may give what to whom, and what fails closed. A superuser's
-- session, so that it can be all of them.
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
    v_detail text;
begin
    execute statement;
    return 'ok';
exception when others then
    get stacked diagnostics v_detail = pg_exception_detail;
    return concat_ws('|', sqlstate, sqlerrm, v_detail);
end $$;
create role m_admin in role freehold_admin;
create role m_auditor in role freehold_auditor;
create role m_worker in role freehold_worker;
create role m_resolver in role freehold_resolver;
create role m_staff in role freehold_break_glass;
create role m_nobody;
select freehold.template_create('mem');
select freehold.template_freeze('mem');
select freehold.tenant_provision(s, 'mem') from unnest(array['a', 'b', 'gone']) as s;

create temporary table person (name text primary key, id uuid not null);
grant select on person to public;
create function pg_temp.id(name text) returns uuid language sql as 'select p.id from person as p where p.name = $1';
insert into person
select n, (freehold.user_ensure('https://id.example', n, n || '@corp.example', initcap(n))).id
from unnest(array['olga', 'oscar', 'adam', 'mia', 'vera', 'eve', 'carl']) as n;
-- A call with people by name.
create function pg_temp.call(call text, variadic names text[]) returns text language sql as $$
    select format('select freehold.' || call, variadic array(select coalesce(pg_temp.id(n)::text, n) from unnest(names) with ordinality
                                                              as t (n, o) order by o))
$$;

-- Who may call what.
select results_eq(
    $$select p.proname::text collate "default", string_agg(substr(r.rolname, 3) collate "default", ' ' order by r.rolname)
      from pg_proc as p, unnest(array['m_admin', 'm_auditor', 'm_worker', 'm_resolver', 'm_staff', 'm_nobody', 'tenant_a_rw', 'tenant_a_owner',
                                      'freehold_gate_01', 'freehold_tenant']) as r (rolname)
      where p.pronamespace = 'freehold'::regnamespace and p.proname ~ '^(user|member|role|invitation|permission)_'
          and has_function_privilege(r.rolname, p.oid, 'execute')
      group by p.proname order by 1$$,
    $$values ('invitation_accept', 'admin'), ('invitation_create', 'admin'), ('invitation_list', 'admin'), ('invitation_revoke', 'admin'),
             ('member_activate', 'admin'), ('member_add', 'admin'), ('member_check', 'admin auditor resolver worker'),
             ('member_deactivate', 'admin'), ('member_list', 'admin auditor worker'), ('member_remove', 'admin'),
             ('member_set_role', 'admin'), ('member_tenants', 'admin auditor resolver worker'),
             ('permission_check', 'admin auditor resolver worker'), ('permission_require', 'admin auditor worker'),
             ('role_define', 'admin'), ('role_drop', 'admin'), ('role_list', 'admin auditor worker'), ('user_activate', 'admin'),
             ('user_deactivate', 'admin'), ('user_ensure', 'admin'), ('user_erase', 'admin'), ('user_get', 'admin'), ('user_list', 'admin')$$,
    'what is personal is the admins'', what an application asks the resolver''s');
select is(has_table_privilege(r, 'freehold.' || t, 'select, insert, update, delete'), false, r || ' cannot touch ' || t)
from unnest(array['m_admin', 'm_auditor', 'm_worker', 'm_resolver', 'm_staff', 'tenant_a_rw', 'tenant_a_owner']) as r,
     unnest(array['app_user', 'membership', 'member_role', 'invitation']) as t;
select is(pg_temp.code(format('set local role %I; select freehold.%s', r, c)), '42501', r || ' may not ' || c)
from unnest(array['m_auditor', 'm_resolver', 'm_nobody']) as r,
     unnest(array['user_list()', 'invitation_list(''a'')', format('user_get(%L)', pg_temp.id('olga')), 'user_ensure(''i'', ''s'')',
                  format('member_add(''a'', %L, ''owner'')', pg_temp.id('eve')), format('_permissions_held(null, %L)', pg_temp.id('eve')),
                  'role_define(''viewer'', ''{*}'')', 'invitation_create(''a'', ''e@x.example'', ''owner'')']) as c;
reset role;

-- Nobody is in by not being refused.
select is(freehold.permission_check('a', pg_temp.id('eve'), 'data:read'), false, 'who is no member may nothing');
select is(freehold.permission_check(s, u, p), false, format('fails closed: %L %L %L', s, u, p))
from (values ('a', null, 'data:read'), (null, pg_temp.id('olga'), 'data:read'), ('a', gen_random_uuid(), 'data:read'),
             ('nope', pg_temp.id('olga'), 'data:read'), ('a', pg_temp.id('olga'), null)) as v (s, u, p);
select is(freehold.member_check(t.id, pg_temp.id('eve')), null, 'nor is one') from freehold.tenant_get('a') as t;
select is_empty('select * from freehold.member_tenants()', 'nobody chooses from nothing');
select is_empty($$select * from freehold.member_tenants(issuer => 'https://id.example', subject => 'eve')$$, 'a user in no tenant has none');

select freehold.member_add('a', pg_temp.id('olga'), 'owner');
select freehold.member_add('a', pg_temp.id('adam'), 'admin');
select freehold.member_add('a', pg_temp.id('mia'));
select freehold.member_add('a', pg_temp.id('vera'), 'viewer');
select freehold.member_add('b', pg_temp.id('eve'), 'owner');
select freehold.member_add('b', pg_temp.id('mia'), 'viewer');
select freehold.member_add('gone', pg_temp.id('carl'), 'owner');
select is(freehold.permission_check(s, pg_temp.id(u), p), w, format('%s %s in %s: %s', u, p, s, w))
from (values ('a', 'olga', 'data:read', true), ('a', 'olga', 'anything:whatever', true), ('a', 'adam', 'member:write', true),
             ('a', 'adam', 'anything:whatever', false), ('a', 'mia', 'data:write', true), ('a', 'mia', 'member:write', false),
             ('a', 'vera', 'data:read', true), ('a', 'vera', 'data:write', false), ('a', 'vera', '*', false), ('a', 'vera', '', false),
             ('b', 'mia', 'data:write', false), ('b', 'mia', 'data:read', true), ('b', 'olga', 'data:read', false),
             ('a', 'eve', 'data:read', false)) as v (s, u, p, w);
select is(pg_temp.code(pg_temp.call('permission_require(%L, %L, %L)', 'a', 'vera', 'data:read')), 'ok', 'what he may passes');
select is(pg_temp.code(pg_temp.call('permission_require(%L, %L, %L)', s, u, p)), 'FH306', 'what he may not is an error')
from (values ('a', 'vera', 'data:write'), ('b', 'vera', 'data:read'), ('nope', 'vera', 'data:read')) as v (s, u, p);
select is(pg_temp.code('select freehold.permission_require(null, null, null)'), 'FH306', 'nor does null pass');
select is(freehold.permission_check('a', pg_temp.id('olga'), null), false, 'not even the owner may null');
select results_eq($$select slug, role from freehold.member_tenants(pg_temp.id('mia'))$$,
                  $$values ('a', 'member'), ('b', 'viewer')$$, 'a user in two tenants chooses');
set local role m_resolver;
select results_eq(
    $$select slug, member_id from freehold.member_tenants(issuer => 'https://id.example', subject => 'mia') $$,
    $$values ('a', pg_temp.id('mia')), ('b', pg_temp.id('mia'))$$, 'by the token, too, as an application''s resolver');
select is_empty(format('select * from freehold.member_tenants(%s)', a), 'not by ' || a)
from unnest(array['issuer => ''https://other.example'', subject => ''mia''', 'subject => ''mia''', 'issuer => ''https://id.example''',
                  'issuer => ''https://id.example'', subject => ''Mia''', 'issuer => ''https://id.example'', subject => ''mia@corp.example''',
                  format('%L, ''https://id.example'', ''vera''', pg_temp.id('mia')), format('%L, null, ''vera''', pg_temp.id('mia'))]) as a;
reset role;
select is(freehold.member_check((freehold.tenant_get('a')).id, issuer => 'https://id.example', subject => 'vera'), pg_temp.id('vera'), 'is one');
select is(freehold.member_check((freehold.tenant_get('b')).id, issuer => 'https://id.example', subject => 'vera'), null, 'but not there');
select is(freehold.member_check(null, pg_temp.id('vera')), null, 'nor nowhere');

-- What is not active is out, and in again.
select freehold.member_deactivate('a', pg_temp.id('mia'));
select freehold.user_deactivate(pg_temp.id('vera'));
select freehold.tenant_suspend('b');
create function pg_temp.in_a(name text) returns text language sql as $$
    select concat_ws(' ', freehold.permission_check('a', pg_temp.id(name), 'data:read'),
                     freehold.member_check((freehold.tenant_get('a')).id, pg_temp.id(name)) is not null,
                     (select string_agg(t.slug, ',') from freehold.member_tenants(pg_temp.id(name)) as t))
$$;
select is(pg_temp.in_a('mia'), 'f f', 'an inactive member is out; so is the suspended tenant');
select is(pg_temp.in_a('vera'), 'f f', 'an inactive user is out');
select is(freehold.permission_check('b', pg_temp.id('eve'), 'data:read'), false, 'the owner of a suspended tenant, too');
select freehold.member_activate('a', pg_temp.id('mia'));
select freehold.user_activate(pg_temp.id('vera'));
select freehold.tenant_resume('b');
select is(pg_temp.in_a('mia'), 't t a,b', 'the member is back');
select is(pg_temp.in_a('vera'), 't t a', 'and the user');
select freehold.user_deactivate(pg_temp.id('vera'));
select is((freehold.user_ensure('https://id.example', 'vera')).active, false, 'signing in does not bring him back');
select is(pg_temp.code(pg_temp.call('member_add(%L, %L)', 'b', 'vera')), 'FH202', 'nor is he made a member');
select freehold.user_activate(pg_temp.id('vera'));

-- The last owner stays, whichever way he is to go.
select is(pg_temp.code(pg_temp.call(c, variadic n)), 'FH241', 'refused of the last owner: ' || c)
from (values ('member_remove(%L, %L)', array['a', 'olga']), ('member_remove(%L, %L, %L)', array['a', 'olga', 'olga']),
             ('member_set_role(%L, %L, %L)', array['a', 'olga', 'admin']), ('member_deactivate(%L, %L)', array['a', 'olga']),
             ('user_deactivate(%L)', array['olga']), ('user_erase(%L, %L)', array['olga', 'asked'])) as v (c, n);
select freehold.member_add('a', pg_temp.id('oscar'), 'owner');
select freehold.member_deactivate('a', pg_temp.id('oscar'));
select is(pg_temp.code(pg_temp.call('member_remove(%L, %L)', 'a', 'olga')), 'FH241', 'an owner who is not active does not count');
select freehold.member_activate('a', pg_temp.id('oscar'));
select freehold.user_deactivate(pg_temp.id('oscar'));
select is(pg_temp.code(pg_temp.call('member_set_role(%L, %L, %L)', 'a', 'olga', 'member')), 'FH241', 'nor does one whose user is not');
select freehold.user_activate(pg_temp.id('oscar'));
select is(pg_temp.code(pg_temp.call('member_set_role(%L, %L, %L)', 'a', 'olga', 'member')), 'ok', 'with another one she may go');
select is(pg_temp.code(pg_temp.call('member_remove(%L, %L)', 'a', 'oscar')), 'FH241', 'and then he may not');
select freehold.member_set_role('a', pg_temp.id('olga'), 'owner');
select freehold.tenant_suspend('gone');
select is(pg_temp.code(pg_temp.call('user_erase(%L, %L)', 'carl', 'asked')), 'FH241', 'a suspended tenant keeps its owner');

-- Nobody gives what he has not, nor takes it from who has more.
select is(pg_temp.code(pg_temp.call(c, variadic n)), 'FH306', format('refused of %s: %s %s', n[array_length(n, 1)], c, n))
from (values ('member_add(%L, %L, %L, %L)', array['a', 'eve', 'owner', 'adam']), ('member_add(%L, %L, %L, %L)', array['a', 'eve', 'viewer', 'mia']),
             ('member_add(%L, %L, %L, %L)', array['a', 'carl', 'viewer', 'eve']), ('member_set_role(%L, %L, %L, %L)', array['a', 'adam', 'owner', 'adam']),
             ('member_set_role(%L, %L, %L, %L)', array['a', 'olga', 'viewer', 'adam']), ('member_set_role(%L, %L, %L, %L)', array['a', 'mia', 'admin', 'mia']),
             ('member_remove(%L, %L, %L)', array['a', 'olga', 'adam']), ('member_remove(%L, %L, %L)', array['a', 'vera', 'mia']),
             ('member_remove(%L, %L, %L)', array['a', 'vera', 'eve']), ('member_deactivate(%L, %L, %L)', array['a', 'olga', 'adam']),
             ('member_activate(%L, %L, %L)', array['a', 'vera', 'mia']), ('invitation_create(%L, %L, %L, %L, %L)', array['a', 'x@x.example', 'owner', '1 day', 'adam']),
             ('invitation_create(%L, %L, %L, %L, %L)', array['a', 'x@x.example', 'viewer', '1 day', 'mia']),
             ('role_define(%L, %L, %L, %L)', array['super', '{*}', 'a', 'adam']), ('role_define(%L, %L, %L, %L)', array['admin', '{member:write,vault:open}', 'a', 'adam']),
             ('role_define(%L, %L, %L, %L)', array['viewer', '{data:write}', 'a', 'mia']), ('role_define(%L, %L, null, %L)', array['viewer', '{data:read}', 'olga']),
             ('role_drop(%L, null, %L)', array['viewer', 'olga'])) as v (c, n);
select is(pg_temp.code(pg_temp.call(c, variadic n)), 'ok', 'allowed: ' || c)
from (values ('member_add(%L, %L, %L, %L)', array['a', 'eve', 'viewer', 'adam']), ('member_set_role(%L, %L, %L, %L)', array['a', 'eve', 'admin', 'adam']),
             ('member_deactivate(%L, %L, %L)', array['a', 'eve', 'adam']), ('member_activate(%L, %L, %L)', array['a', 'eve', 'adam']),
             ('member_remove(%L, %L, %L)', array['a', 'eve', 'eve']), ('role_define(%L, %L, %L, %L)', array['reader', '{data:read}', 'a', 'adam']),
             ('role_drop(%L, %L, %L)', array['reader', 'a', 'adam'])) as v (c, n);
-- A tenant's own definition counts in that tenant only; what it permits beyond a member's own rights is not his to give or take away.
select freehold.role_define('viewer', '{vault:open}', 'a');
select is(freehold.permission_check('a', pg_temp.id('vera'), 'vault:open'), true, 'a tenant defines a role');
select is(freehold.permission_check('a', pg_temp.id('vera'), 'data:read'), false, 'in the place of the one for all');
select is(freehold.permission_check('b', pg_temp.id('mia'), 'vault:open'), false, 'and for itself alone');
select is(pg_temp.code(pg_temp.call(c, variadic n)), 'FH306', 'beyond his rights: ' || c)
from (values ('member_add(%L, %L, %L, %L)', array['a', 'eve', 'viewer', 'adam']), ('role_define(%L, %L, %L, %L)', array['viewer', '{}', 'a', 'adam']),
             ('role_drop(%L, %L, %L)', array['viewer', 'a', 'adam'])) as v (c, n);
select is(pg_temp.code($$select freehold.role_drop('viewer')$$), 'FH243', 'a role that members of others have is not dropped');
select is(pg_temp.code($$select freehold.role_drop('viewer', 'a')$$), 'ok', 'but the tenant''s own is');
select is(freehold.permission_check('a', pg_temp.id('vera'), 'data:read'), true, 'and what it is for all holds again');
select is(pg_temp.code(format('select freehold.role_%s', c)), e, e || ': role_' || c)
from (values ('define(''owner'', ''{data:read}'')', 'FH202'), ('define(''owner'', ''{data:read}'', ''a'')', 'FH202'), ('drop(''owner'')', 'FH202'),
             ('define(''Owner'', ''{}'')', 'FH003'), ('define(null, ''{}'')', 'FH003'), ('define(''x'', null)', 'FH003'), ('define(''x'', ''{null}'')', 'FH003'),
             ('define(''x'', ''{data}'')', 'FH003'), ('define(''x'', ''{data:*}'')', 'FH003'), ('define(''x'', ''{"*:*"}'')', 'FH003'),
             ('define(''x'', ''{"data:read "}'')', 'FH003'), ('define(''x'', E''{"data:read\n"}'')', 'FH003'), ('define(''x'', ''{}'', ''nope'')', 'FH101'),
             ('drop(''nope'')', 'FH143'), ('drop(''viewer'', ''a'')', 'FH143')) as v (c, e);
select freehold.role_define('own', '{data:read,data:read}', 'a');
select freehold.member_set_role('a', pg_temp.id('vera'), 'own');
select is(pg_temp.code($$select freehold.role_drop('own', 'a')$$), 'FH243', 'a role of the tenant''s own that a member has is not dropped');
select is(pg_temp.code(pg_temp.call('member_add(%L, %L, %L)', 'b', 'vera', 'own')), 'FH143', 'another tenant''s role is none');
select results_eq($$select name, own, permissions from freehold.role_list('a') where own$$, $$values ('own', true, array['data:read'])$$, 'listed');
select freehold.member_set_role('a', pg_temp.id('vera'), 'viewer');

-- Invitations: one use, no oracle, no token in the database.
create temporary table sent (name text primary key, id uuid, token text);
insert into sent select 'one', i.id, i.token from freehold.invitation_create('b', 'Eva@Corp.Example', 'member') as i;
insert into sent select 'revoked', i.id, i.token from freehold.invitation_create('b', 'r@corp.example') as i;
insert into sent select 'expired', i.id, i.token from freehold.invitation_create('b', 'x@corp.example') as i;
insert into sent select 'again', i.id, i.token from freehold.invitation_create('b', 'eva@corp.example', 'viewer') as i;
insert into sent select 'suspended', i.id, i.token from freehold.invitation_create('gone', 'eva@corp.example', 'viewer') as i;
insert into sent select 'demoted', i.id, i.token from freehold.invitation_create('a', 'd@corp.example', 'member', by_user => pg_temp.id('adam')) as i;
insert into sent select 'escalated', i.id, i.token from freehold.invitation_create('b', 'esc@corp.example', 'own2', by_user => null) as i
where false;
select freehold.invitation_revoke('b', s.id) from sent as s where s.name = 'revoked';
update freehold.invitation as i set expires_at = freehold._now() from sent as s where s.id = i.id and s.name = 'expired';
select freehold.member_set_role('a', pg_temp.id('adam'), 'viewer');
select is(length(s.token), 64, 'a token has 244 random bits') from sent as s limit 1;
select is((select count(distinct token) from sent), 6::bigint, 'each its own');
select is_empty(
    $$select s.name from sent as s, freehold.invitation as i where to_jsonb(i)::text like '%' || s.token || '%'$$, 'the token is not kept');
select is_empty(
    $$select s.name from sent as s, freehold.event as e where to_jsonb(e)::text like '%' || s.token || '%'$$, 'nor told to the audit');
select is(pg_temp.said(format('select freehold.invitation_accept(%L, %L)', t, pg_temp.id('carl'))),
          'FH144|the invitation is not valid|Nobody was invited by it, or it is expired, revoked or used.', 'refused alike: ' || n)
from (select s.name, s.token from sent as s where s.name <> 'again'
      union all values ('wrong', repeat('0', 64)), ('empty', ''), ('null', null), ('hash', (select encode(token_sha256, 'hex') from freehold.invitation limit 1)))
    as v (n, t);
select is(pg_temp.code(format('select freehold.invitation_accept(%L, %L)', token, u)), e, e)
from sent, (values (null::uuid, 'FH141'), (gen_random_uuid(), 'FH141'), (pg_temp.id('mia'), 'FH244')) as v (u, e) where name = 'again';
select is((freehold.invitation_accept(token, pg_temp.id('carl'))).role_name, 'viewer', 'accepted') from sent where name = 'again';
select is(pg_temp.code(format('select freehold.invitation_accept(%L, %L)', token, pg_temp.id('olga'))), 'FH144', 'and not twice')
from sent where name = 'again';
select is(freehold.permission_check('b', pg_temp.id('carl'), 'data:read'), true, 'he is in');
select is_empty($$select * from freehold.invitation where email is not null and (accepted_at is not null or revoked_at is not null)$$,
                'of what is over no e-mail is kept');
select is(pg_temp.code(format('select freehold.invitation_%s', c)), e, e || ': invitation_' || c)
from (values ('create(''a'', null)', 'FH003'), ('create(''a'', ''nobody'')', 'FH003'), ('create(''a'', ''a@b@c'')', 'FH003'),
             ('create(''a'', E''a@b\nBcc: x@y'')', 'FH003'), ('create(''a'', ''a@b.example'', ''nope'')', 'FH143'), ('create(''a'', ''a@b.example'', null)', 'FH143'),
             ('create(''a'', ''a@b.example'', ttl => ''0'')', 'FH003'), ('create(''a'', ''a@b.example'', ttl => ''91 days'')', 'FH003'),
             ('create(''a'', ''a@b.example'', ttl => null)', 'FH003'), ('create(''nope'', ''a@b.example'')', 'FH101'),
             ('revoke(''b'', null)', 'FH144'), (format('revoke(''a'', %L)', (select id from sent where name = 'suspended')), 'FH144'),
             (format('revoke(''gone'', %L, %L)', (select id from sent where name = 'suspended'), pg_temp.id('mia')), 'FH306')) as v (c, e);
select results_eq($$select state, count(*) from freehold.invitation_list('b', past => true) group by 1 order by 1$$,
                  $$values ('accepted', 1::bigint), ('expired', 1), ('revoked', 2)$$, 'listed by what became of them');
select freehold.invitation_create('b', 'new@corp.example');
select is((select count(*) from freehold.invitation where email = 'x@corp.example'), 0::bigint, 'the e-mail of what has expired goes with the next one');

-- Identity is issuer and subject; an e-mail is none.
select is((freehold.user_ensure('https://id.example', 'mia')).id, pg_temp.id('mia'), 'the same again');
select is((freehold.user_ensure('https://id.example', 'mia')).email, 'mia@corp.example', 'null leaves what is known');
select isnt((freehold.user_ensure('https://other.example', 'mia', 'mia2@corp.example')).id, pg_temp.id('mia'), 'another issuer, another user');
select is(pg_temp.said($$select freehold.user_ensure('https://evil.example', 'x', 'MIA@corp.example')$$),
          'FH242|another user has this e-mail|', 'an e-mail is one user''s, whatever its case, and is not quoted');
select is((freehold.user_ensure('https://id.example', 'mia', '', '')).email, null, 'an empty text takes it away');
select is(pg_temp.code(format('select freehold.user_ensure(%s)', c)), 'FH003', 'no user: ' || c)
from unnest(array['null, ''x''', '''x'', null', '''x'', ''''', '''x'', repeat(''x'', 256)', '''x'', ''x'', ''no mail''', '''x'', ''x'', ''a@'' || repeat(''x'', 320)']) as c;
select is(pg_temp.code(format('select freehold.%s', c)), e, e || ': ' || c)
from (values ('user_get(null)', 'FH141'), ('user_deactivate(gen_random_uuid())', 'FH141'), ('user_activate(null)', 'FH141'),
             ('user_erase(gen_random_uuid(), ''x'')', 'FH141'), ('user_erase(gen_random_uuid(), '' '')', 'FH003'), ('member_list(''nope'')', 'FH101'),
             ('member_remove(''a'', null)', 'FH142'), ('member_add(''a'', null)', 'FH141'), ('member_add(null, null)', 'FH101'),
             (format('member_add(''a'', %L, ''viewer'')', pg_temp.id('mia')), 'FH244'), (format('member_add(''a'', %L, null)', pg_temp.id('eve')), 'FH143'),
             (format('member_remove(''b'', %L)', pg_temp.id('olga')), 'FH142')) as v (c, e);
select is((freehold.member_add('a', pg_temp.id('mia'))).role_name, 'member', 'added again, nothing changes');

-- What is left of a person, and of a tenant.
select freehold.invitation_create('b', 'MIA@corp.example');
select freehold.user_ensure('https://id.example', 'mia', 'mia@corp.example', 'Mia');
select freehold.user_erase(pg_temp.id('mia'), 'request 4711');
select is_empty($$select * from freehold.app_user where id = pg_temp.id('mia') union all
                  select u.* from freehold.app_user as u, freehold.membership as m where m.user_id = pg_temp.id('mia')$$, 'no row and no membership');
select is_empty($$select * from freehold.invitation where email ilike 'mia@corp.example'$$, 'no invitation');
select is_empty($$select kind from freehold.event where to_jsonb(event)::text ~* 'corp\.example|id\.example'$$, 'events have ids alone');
select results_eq($$select kind, reason from freehold.event where kind = 'user.erased'$$, $$values ('user.erased', 'request 4711')$$, 'and tell it');
select isnt((freehold.user_ensure('https://id.example', 'mia')).id, pg_temp.id('mia'), 'who comes back is somebody new');
select freehold.role_define('own', '{data:read}', 'gone');
select freehold.tenant_retire('gone', '0');
select is(pg_temp.code(pg_temp.call(c, variadic n)), 'FH202', 'a retired tenant takes none: ' || c)
from (values ('member_add(%L, %L)', array['gone', 'eve']), ('member_set_role(%L, %L, %L)', array['gone', 'carl', 'admin']),
             ('invitation_create(%L, %L)', array['gone', 'x@x.example']), ('role_define(%L, %L, %L)', array['x', '{}', 'gone'])) as v (c, n);
select is(pg_temp.code(pg_temp.call('user_deactivate(%L)', 'carl')), 'ok', 'its last owner may go');
select freehold.tenant_erase_step('gone', 'contract ended');
select is((select state from freehold.tenant where slug = 'gone'), 'erased', 'the tenant is erased');
select is_empty(format('select t from freehold.%I as t join freehold.tenant as g on g.id = t.tenant_id where g.slug = ''gone''', t), 'and its rows of ' || t)
from unnest(array['membership', 'member_role', 'invitation']) as t;
select is((freehold.user_get(pg_temp.id('carl'))).subject, 'carl', 'its people are users still');
select freehold.member_remove('b', pg_temp.id('carl'));
select results_eq($$select subject from freehold.user_list(orphans => true) where active is false$$, array['carl'], 'and found when they are in no other');
select * from finish();
rollback;
