-- session: superuser
-- Runners: whoever has a schema has one from the start, and it goes with the schema.
begin;
set local search_path = tap, pg_catalog;
select no_plan();
-- What makes a runner writes here; a migration of a home that has one does not.
create function pg_temp.granted() returns bigint language sql as
    $$ select pg_stat_get_xact_tuples_inserted('pg_auth_members'::regclass) $$;
create function pg_temp.runners() returns table (home text) language sql as $$
    select p.proowner::regrole::text collate "default" from pg_proc as p
    where p.pronamespace = 'freehold_runner'::regnamespace and p.proname ~ '^run_' $$;
create function pg_temp.finish(step text) returns text language plpgsql as $$
declare
    v_operation freehold.operation;
begin
    loop
        execute format('select (o).* from %s as o', step) into v_operation;
        exit when v_operation.state <> 'running';
    end loop;
    return v_operation.state;
end $$;
create temporary view finding as select d.* from freehold.doctor() as d where d.check_name in ('runners', 'orphans', 'ownership');

-- Born with it: a template and its copy, an adopted one, and tenants in every way that makes them.
create schema legacy;
create table legacy.note (id int primary key);
grant usage on schema legacy to freehold_owner;
select freehold.template_create('run');
select freehold.template_apply('run', 'create table note (id int primary key, body text)');
select freehold.template_freeze('run');
select freehold.template_copy('run', 'copied');
select freehold.template_adopt('adopted', 'legacy');
select is(pg_temp.finish($$freehold.template_adopt_step('staged', 'legacy')$$), 'done', 'a template is adopted in stages');
select freehold.tenant_provision('built', 'run');
select is(pg_temp.finish($$freehold.tenant_provision_step('staged', 'run')$$), 'done', 'a tenant is provisioned in stages');
select freehold.tenant_clone('built', 'cloned');
select is(pg_temp.finish($$freehold.tenant_clone_step('built', 'cloned-staged', false)$$), 'done', 'and cloned in stages');
select freehold.reserve_fill_step('run', 1);
create temporary table waits as select r.owner_role::text from freehold.reserve as r;
select set_eq('select * from pg_temp.runners()', $$
    select * from waits union all select unnest(array[
        'freehold_template_run_owner', 'freehold_template_copied_owner', 'freehold_template_adopted_owner',
        'freehold_template_staged_owner', 'tenant_built_owner', 'tenant_staged_owner', 'tenant_cloned_owner',
        'tenant_cloned_staged_owner'])$$, 'each has a runner of its own, what waits in the reserve too');
select is(count(*), 9::bigint, 'and one') from pg_temp.runners();
select freehold.tenant_provision('claimed', 'run');
select set_eq($$select * from pg_temp.runners() as r where r.home ~ '^tenant_(claimed|reserve)'$$, array['tenant_claimed_owner'],
              'a claimed one is the tenant''s');
select is_empty('select * from finding', 'the doctor finds them as they should be');
select freehold.reserve_fill_step('run', 2) from generate_series(1, 2);
select is_empty('select * from finding', 'those that wait included');

-- They run migrations as they are.
create temporary table before as select pg_temp.granted() as n;
select is((freehold.migration_apply(home, '0001.one', 'alter table note add column one int')).state, 'applied', 'it runs migrations of ' || home)
from unnest(array['@run', '@copied', '@adopted', '@staged', 'built', 'staged', 'cloned', 'cloned-staged', 'claimed']) as home;
select is(pg_temp.granted(), n, 'which grants nothing') from before;
select freehold.migration_apply('claimed', '0002.who', 'create table who as select current_user::text as name');
select set_eq('select name from tenant_claimed.who', array['tenant_claimed_owner'], 'as the owner');

-- One that is not there, as an earlier install made none, is made when it is needed.
do $$
begin
    execute (select format('drop function %s', p.oid::regprocedure) from pg_proc as p
             where p.pronamespace = 'freehold_runner'::regnamespace and p.proowner = 'tenant_cloned_owner'::regrole);
end $$;
select is_empty($$select * from pg_temp.runners() as r where r.home = 'tenant_cloned_owner'$$, 'a tenant without a runner');
select is_empty('select * from finding', 'is no fault');
select is((freehold.migration_apply('cloned', '0003.lazy', 'create table lazy (id int)')).state, 'applied', 'is migrated');
select set_eq($$select * from pg_temp.runners() as r where r.home ~ '^tenant_cloned_o'$$, array['tenant_cloned_owner'], 'and has one then');
select ok(pg_temp.granted() > n, 'by a grant') from before;
select is_empty('select * from finding', 'as the others');

-- They go with what they are of.
select freehold.template_apply('run', 'alter table note add column later int');
select freehold.template_freeze('run');
truncate waits;
insert into waits select r.owner_role::text from freehold.reserve as r;
select is(freehold.reserve_fill_step('run', 0), 1, 'two are stale');
select is(freehold.reserve_fill_step('run', 0), 0, 'and dropped');
select is(count(*), 2::bigint, 'there were two') from waits;
select is_empty($$select * from pg_temp.runners() as r where r.home in (select * from waits) or r.home ~ '^tenant_reserve|^[0-9]'$$,
                'their runners are gone');
select freehold.tenant_retire(slug, '0') from unnest(array['built', 'claimed', 'staged']) as slug;
select is(pg_temp.finish(format('freehold.tenant_erase_step(%L, ''test'')', slug)), 'done', slug || ' is erased')
from unnest(array['built', 'claimed', 'staged']) as slug;
select freehold.template_drop(name) from unnest(array['copied', 'adopted']) as name;
select is(pg_temp.finish($$freehold.template_drop_step('staged')$$), 'done', 'a template is dropped in stages');
select set_eq('select * from pg_temp.runners()', array['freehold_template_run_owner', 'tenant_cloned_owner', 'tenant_cloned_staged_owner'],
              'no runner outlives its home');
select is_empty('select * from finding where check_name = ''runners''', 'nor does the doctor find one');
select * from finish();
rollback;
