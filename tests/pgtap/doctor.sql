-- What the doctor says to SQL: a finding with its remedy, to those who may ask, and no more than there is.
begin;
set local search_path = tap, pg_catalog;
select no_plan();

-- Not what is of the server: the dead rows in the catalogs that all databases share, for one, are other tests'.
create temporary view finding as
    select d.* from freehold.doctor() as d where d.check_name not in ('server_version', 'createrole', 'hardening', 'settings', 'catalog');

select lives_ok($$select freehold.template_create('clinic');
                  select freehold.template_apply('clinic', 'create table visit (id int primary key, note text)');
                  select freehold.template_freeze('clinic');
                  select freehold.tenant_provision('acme', 'clinic')$$);
select is_empty('select * from finding', 'a healthy installation shows what is documented, and nothing else');

create schema tenant_nobody;
select results_eq('select severity, check_name, object from finding',
                  $$values ('warning', 'orphans', 'schema tenant_nobody')$$, 'a schema that nobody knows is found');
select is((select remedy from finding), 'drop schema tenant_nobody;', 'with the statement that mends it');
drop schema tenant_nobody;
select is_empty('select * from finding', 'which does');

-- A group of the installation has what it is there for, and nothing else of the installation's either.
create function pg_temp.found(grantee text, granted text) returns setof text language plpgsql as $$
begin
    execute format('grant %I to %I', granted, grantee);
    return query select format('%s %s %s', f.severity, f.check_name, f.object) from finding as f where f.check_name = 'foreign_groups';
    execute format('revoke %I from %I', granted, grantee);
end $$;
select results_eq(format('select pg_temp.found(%L, %L)', grantee, granted), array['error foreign_groups ' || grantee], grantee || ' in ' || granted)
from (values ('freehold_resolver', 'freehold_admin'), ('freehold_resolver', 'freehold_auditor'), ('freehold_tenant', 'freehold_admin'),
             ('freehold_tenant', 'freehold_resolver'), ('freehold_gate_01', 'freehold_admin'), ('freehold_gates', 'freehold_admin')) as membership (grantee, granted);
select is_empty('select * from finding', 'nothing of which is left');

select lives_ok($$select freehold.tenant_retire('acme', '0')$$);
select results_eq('select check_name, object from finding', $$values ('retention', 'tenant acme')$$, 'a tenant past its grace is found');
select lives_ok($$select freehold.tenant_reinstate('acme')$$);
select is_empty('select * from freehold.doctor(deep => true) where check_name in (''drift'', ''templates'')', 'deep: no drift');
select lives_ok($$select freehold.template_apply('clinic', 'alter table visit add column later int')$$);
select results_eq($$select severity, object from freehold.doctor(deep => true) where check_name = 'templates'$$,
                  $$values ('note', 'template clinic')$$, 'deep: a template that changed since it was frozen');

select is_empty($$select * from freehold.doctor(deep => true) as d
                  where d.severity not in ('error', 'warning', 'note') or num_nulls(object, finding, reason, remedy) > 0$$,
                'a finding is complete');
select results_eq($$select r.rolname::text collate "default" from pg_roles as r
                    where r.rolname ~ '^freehold_' and has_function_privilege(r.rolname, 'freehold.doctor(boolean)', 'execute')
                    order by 1$$,
                  $$values ('freehold_admin'), ('freehold_auditor'), ('freehold_owner'), ('freehold_worker')$$, 'who may ask');
select is(has_function_privilege('public', 'freehold.doctor(boolean)', 'execute'), false, 'PUBLIC may not');
select * from finish();
rollback;
