-- session: superuser
-- The role by which a service acts for members: whatever it calls, it says for whom, and may what that one may. A superuser's session,
-- so that it can be all of them.
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
select freehold.template_create('door');
select freehold.template_freeze('door');
select freehold.tenant_provision(s, 'door') from unnest(array['a', 'b']) as s;
create temporary table person (name text primary key, id uuid not null);
grant select on person to public;
create function pg_temp.id(name text) returns uuid language sql as 'select p.id from person as p where p.name = $1';
insert into person
select n, (freehold.user_ensure('https://id.example', n)).id from unnest(array['olga', 'oscar', 'vera', 'eve']) as n;
select freehold.member_add('a', pg_temp.id('olga'), 'owner'), freehold.member_add('a', pg_temp.id('vera'), 'viewer'),
       freehold.member_add('b', pg_temp.id('oscar'), 'owner');

-- What is asked of the catalog covers the function of tomorrow.
create temporary table door as
    select p.oid, p.proname::text as name, p.proargnames as names, p.proargtypes::regtype[]::text[] as types, p.pronargs as given,
           'by_user' = any (p.proargnames) as says
    from pg_proc as p
    where p.pronamespace = 'freehold'::regnamespace and has_function_privilege('freehold_member', p.oid, 'execute');
grant select on door to public;
select set_eq($$select name from door where not says$$,
    $$values ('user_ensure'), ('invitation_accept'), ('permission_require'), ('_request_begin'), ('_request_end')$$,
    'what it may call names the member who acts, or is about one user alone');
select is_empty(
    $$select p.oid::regprocedure from pg_proc as p
      where p.pronamespace = 'freehold'::regnamespace and 'by_user' = any (p.proargnames) and p.proname !~ '^_'
          and p.oid not in (select d.oid from door as d)$$,
    'every function that takes by_user is its to call');

-- A call of every such function on tenant a without by_user, and on behalf of somebody: values by the arguments' names.
create function pg_temp.call(routine text, names text[], types text[], given integer, by_user uuid) returns text language sql as $$
    select format('select freehold.%I(%s)', $1, string_agg(format('%I => %s::%s', $2[i], case $2[i]
        when 'slug' then quote_literal('a') when 'by_user' then quote_nullable($5) when 'role' then quote_literal('viewer')
        when 'name' then quote_literal('clerk') when 'permissions' then quote_literal('{note:read}')
        when 'email' then quote_literal('x@example.com') when 'ttl' then quote_literal('1 day')
        when 'user_id' then quote_literal(pg_temp.id('eve')) when 'id' then quote_literal(gen_random_uuid())
        when 'max_rows' then '5' else 'null' end, $3[i - 1]), ', '))
    from generate_series(1, $4) as i
$$;
set local role freehold_member;
select is(pg_temp.code(pg_temp.call(d.name, d.names, d.types, d.given, null)), 'FH306', d.name || ' without by_user is refused')
from door as d where d.says and d.name not in ('member_set_role', 'member_activate', 'member_deactivate', 'member_remove', 'role_drop');
-- These look for what they change first, and refuse before they change it.
select is(pg_temp.code(format('select freehold.%s', c.call)), 'FH306', c.call || ' without by_user is refused')
from (values (format('member_set_role(''a'', %L, ''owner'')', pg_temp.id('vera'))), (format('member_deactivate(''a'', %L)', pg_temp.id('vera'))),
             (format('member_activate(''a'', %L)', pg_temp.id('vera'))), (format('member_remove(''a'', %L)', pg_temp.id('vera'))),
             ('role_drop(''viewer'')'), ('role_define(''viewer'', ''{*}'')'), ('role_list()')) as c (call);
select is(pg_temp.code(format('select freehold.member_add(''a'', %L, ''owner'', by_user => %L)', pg_temp.id('eve'), pg_temp.id(n))), 'FH306',
          n || ' adds no owner to a')
from unnest(array['vera', 'oscar', 'eve']) as n;
select is(pg_temp.code(format('select * from freehold.member_list(''a'', by_user => %L)', pg_temp.id(n))), e, n || ' lists the members of a: ' || e)
from (values ('olga', 'ok'), ('vera', 'FH306'), ('oscar', 'FH306'), ('eve', 'FH306')) as w (n, e);
select is(pg_temp.code(format('select * from freehold.%s(''a'', by_user => %L)', f, pg_temp.id('oscar'))), 'FH306', f || ' of a is not for b')
from unnest(array['invitation_list', 'role_list']) as f;
select is(pg_temp.code(format('select freehold.member_add(''a'', %L, ''viewer'', by_user => %L)', pg_temp.id('eve'), pg_temp.id('olga'))), 'ok',
          'an owner adds a viewer');
select is(pg_temp.code(s.statement), '42501', s.statement)
from unnest(array[
    'select freehold.tenant_get(''a'')', 'select * from freehold.tenant_list()', 'select * from freehold.user_list()',
    'select freehold.tenant_suspend(''a'')', 'select * from freehold.app_user', 'select * from freehold.request',
    'select freehold.tenant_enter(''a'')']) as s (statement);
reset role;

-- An operator says nothing, as before.
set local role freehold_admin;
select isnt_empty($$select * from freehold.member_list('a')$$, 'an admin lists members of his own right');
set local role freehold_auditor;
select isnt_empty($$select * from freehold.member_list('a')$$, 'and so does an auditor');
reset role;
select * from finish();
rollback;
