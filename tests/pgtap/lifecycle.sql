-- A tenant's life by the public functions, called by an administrator who is no superuser.
begin;
set local search_path = tap, pg_catalog;
select no_plan();

create function pg_temp.code(statement text) returns text language plpgsql as $$
begin
    execute statement;
    return 'no error';
exception when others then
    return sqlstate;
end
$$;

-- Templates.
select is((freehold.template_create('shop')).schema_name, 'template_shop', 'a template is a schema');
select is(pg_temp.code($$select freehold.template_create('shop')$$), 'FH204', 'its name is taken once');
select is(pg_temp.code($$select freehold.template_create('Shop!')$$), 'FH003', 'a bad template name');
select is(pg_temp.code($$select freehold.tenant_provision('acme', 'nowhere')$$), 'FH102', 'an unknown template');
select is(pg_temp.code($$select freehold.tenant_provision('acme', 'shop')$$), 'FH208', 'a template that was never frozen');
select lives_ok($$select freehold.template_apply('shop', '
    create table product (id int primary key, name text not null, price numeric(10, 2) check (price >= 0));
    create table sale (id bigint generated always as identity primary key, product_id int not null references product);
    create view cheap as select * from product where price < 10;
    create function total() returns numeric language sql stable as ''select sum(price) from product'';
    insert into product values (1, ''a;b''''c'', 1.50), (2, ''d'', 20)')$$, 'a script runs as the template''s owner');
select is(pg_temp.code($$select freehold.template_apply('shop', '  ')$$), 'FH003', 'an empty script');
select is(pg_temp.code($$select freehold.template_apply('shop', 'create table nope (')$$), '42601', 'PostgreSQL''s errors pass');
select is((freehold.template_freeze('shop')).version, 1, 'the first version');
select is((freehold.template_freeze('shop')).version, 1, 'the same content is the same version');
select lives_ok($$select freehold.template_apply('shop', 'alter table product add column note text')$$);
select is((select changed from freehold.template_list() where name = 'shop'), true, 'a change after the freeze shows');
select is((freehold.template_freeze('shop')).version, 2, 'other content is another version');
select lives_ok($$select freehold.template_apply('shop', 'alter table product drop column note')$$);
select is((freehold.template_freeze('shop')).version, 1, 'back to the first content is back to the first version');

select is((freehold.template_copy('shop', 'branch')).schema_name, 'template_branch', 'a copy of the frozen version');
select is_empty($$select * from freehold.schema_diff('template_shop', 'template_branch')$$, 'with the same objects and rights');
select is((freehold.template_freeze('branch')).fingerprint, (freehold.template_freeze('shop')).fingerprint, 'and rows');
select is(pg_temp.code($$select freehold.template_copy('shop', 'branch')$$), 'FH204', 'to a name that is free');
select is(pg_temp.code($$select freehold.template_copy('nowhere', 'other')$$), 'FH102', 'of a template there is');
select freehold.template_create('raw');
select is(pg_temp.code($$select freehold.template_copy('raw', 'other')$$), 'FH208', 'that was frozen');
select lives_ok($$select freehold.template_drop('branch')$$, 'a copy is a template of its own');

-- Provision.
select is((freehold.tenant_provision('acme', 'shop', 'ACME Ltd', '76.123.456-K', '{"plan": "gold"}')).state, 'active', 'provisioned');
select is((freehold.tenant_get('acme')).schema_name::text, 'tenant_acme', 'its schema');
select is(pg_temp.code($$select freehold.tenant_provision('acme', 'shop')$$), 'FH201', 'a slug is taken once');
select is(pg_temp.code($$select freehold.tenant_provision('other', 'shop', external_id => '76123456k')$$), 'FH203',
          'an external id that normalises alike is taken');
select is(freehold.tenant_slug('76.123.456-K'), '76123456k', 'a slug from an external id');
select is((freehold.tenant_provision(null, 'shop', external_id => 'AB 12')).slug, 'ab12', 'a null slug is derived');
select is(pg_temp.code(format('select freehold.tenant_provision(%L, ''shop'')', s)), 'FH001', 'no slug: ' || s)
from unnest(array['', 'A', 'a_b', '-a', 'a-', 'a--b', 'a.b', 'ä', 'a b', E'a\n', repeat('a', 41), 'pg"x']) as s;
select is((freehold.tenant_provision(repeat('a', 40), 'shop')).state, 'active', 'forty bytes are a slug');
select is(pg_temp.code($$select freehold.tenant_provision('x', 'shop', settings => '[]')$$), 'FH003', 'settings are an object');
select is(pg_temp.code($$select freehold.tenant_provision('x', 'shop', external_id => '--')$$), 'FH002', 'an empty external id');
select is_empty($$select * from freehold.tenant_drift('acme')$$, 'a new tenant has no drift');
select is_empty($$select slug from freehold.fleet_drift() where drifted$$, 'nor has the fleet');
select has_role('tenant_acme_owner');
select has_role('tenant_acme_rw');
select schema_owner_is('tenant_acme', 'tenant_acme_owner');
select table_owner_is('tenant_acme', 'sale', 'tenant_acme_owner', 'objects are the tenant owner''s');
select is_empty($$select proname from pg_proc where proname ~ '^_freehold_' union all select relname from pg_class where relname ~ '^_freehold_'$$,
                'what the replay ran through is gone');

-- Suspend, resume.
select is((freehold.tenant_suspend('acme', 'unpaid')).state, 'suspended', 'suspended');
select is((freehold.tenant_get('acme')).state_reason, 'unpaid', 'with the reason');
select is(pg_has_role('freehold_gate_01', 'tenant_acme_rw', 'member'), false, 'its role has left the gate');
select is(pg_temp.code($$select freehold.tenant_suspend('acme')$$), 'FH202', 'suspended twice');
select is((freehold.tenant_resume('acme')).state, 'active', 'resumed');
select is(pg_has_role('freehold_gate_01', 'tenant_acme_rw', 'member'), true, 'and back in the gate');
select is(pg_temp.code($$select freehold.tenant_resume('acme')$$), 'FH202', 'resumed twice');
select is(pg_temp.code($$select freehold.tenant_resume('nobody')$$), 'FH101', 'an unknown tenant');

-- Rename.
select is(pg_temp.code($$select freehold.tenant_rename('acme', 'ab12')$$), 'FH201', 'another''s slug');
select is((freehold.tenant_rename('acme', 'acme-two')).schema_name::text, 'tenant_acme_two', 'renamed with its schema');
select has_role('tenant_acme_two_rw', 'roles follow');
select hasnt_role('tenant_acme_rw');
select is(pg_temp.code($$select freehold.tenant_get('acme')$$), 'FH101', 'the old slug is free');
select is_empty($$select * from freehold.tenant_drift('acme-two')$$, 'a rename is no drift');

-- Clone.
select is((freehold.tenant_clone('acme-two', 'copy')).state, 'active', 'cloned');
select is(pg_temp.code($$select freehold.tenant_clone('acme-two', 'copy')$$), 'FH201', 'cloned twice');
select is(pg_temp.code($$select freehold.tenant_clone('nobody', 'copy2')$$), 'FH101', 'a clone of nobody');
select is(pg_temp.code($$select freehold.mask_set('acme-two', 'sale', 'nothing', 'hash')$$), 'FH003', 'a rule for no column');
select is(pg_temp.code($$select freehold.mask_set('nobody', 'sale', 'id', 'keep')$$), 'FH101', 'a rule for nobody''s');
select is(pg_temp.code($$select freehold.mask_set('@nothing', 'sale', 'id', 'keep')$$), 'FH102', 'a rule for no template''s');
select is_empty($$select * from freehold.tenant_drift('copy')$$, 'a clone has no drift');

-- Retire, reinstate, erase.
select is((freehold.tenant_retire('copy', '30 days', 'left')).state, 'retired', 'retired');
select is(pg_temp.code($$select freehold.tenant_erase_step('copy', 'gdpr')$$), 'FH207', 'not before its grace is over');
select is(pg_temp.code($$select freehold.tenant_clone('copy', 'copy3')$$), 'FH202', 'a retired tenant is not cloned');
select is((freehold.tenant_reinstate('copy')).state, 'active', 'reinstated');
select is(pg_temp.code($$select freehold.tenant_erase_step('copy', 'gdpr')$$), 'FH202', 'an active tenant is not erased');
select is(pg_temp.code($$select freehold.tenant_retire('copy', '-1 day')$$), 'FH003', 'a negative grace');
select is((freehold.tenant_retire('copy', '0')).state, 'retired', 'retired without grace');
select is((freehold.tenant_erase_step('copy', 'gdpr')).state, 'done', 'erased in one step');
select hasnt_schema('tenant_copy');
select hasnt_role('tenant_copy_owner');
select hasnt_role('tenant_copy_rw');
select is((select detail -> 'residue' from freehold.operation_list('copy', max_rows => 1)), '[]'::jsonb, 'nothing is left over');
select is((select state from freehold.tenant_list('erased') where slug = 'copy'), 'erased', 'a tombstone stays');
select is((freehold.tenant_provision('copy', 'shop')).state, 'active', 'the slug is free again');

-- The operation log.
select is((select count(*) from freehold.operation_list(max_rows => 1000) where state <> 'done'), 0::bigint, 'every operation ended');
-- Pages of two, each before the last of the one before it, are all of them.
select results_eq($$with recursive page as (
        select array(select o.id from freehold.operation_list(max_rows => 2) as o) as ids
        union all
        select array(select o.id from freehold.operation_list(max_rows => 2, before => p.ids[cardinality(p.ids)]) as o)
        from page as p
        where cardinality(p.ids) > 0)
    select unnest(ids) from page$$,
    'select id from freehold.operation_list(max_rows => 1000)', 'pages lose and repeat none');
select is((freehold.operation_failed('provision', 'zed', '42P01', 'no table')).state, 'failed', 'a client records a failure');
select is(pg_temp.code('select freehold.operation_get(-1)'), 'FH103', 'an unknown operation');
select is((select count(distinct actor) from freehold.operation_list(max_rows => 1000)), 1::bigint, 'the actor is the login');
set local freehold.actor = 'alice';
select freehold.tenant_suspend('copy', 'test');
select is((select actor from freehold.operation_list('copy', max_rows => 1)), 'alice', 'or whom the client names');

-- Settings.
select is(freehold.setting_get('naming'), 'slug', 'a setting');
select is(pg_temp.code($$select freehold.setting_get('none')$$), 'FH105', 'an unknown setting');
select is(pg_temp.code($$select freehold.setting_set('role_prefix', 'x')$$), 'FH202', 'a fixed setting');
select is(pg_temp.code($$select freehold.setting_set('cell_capacity', '-1')$$), 'FH003', 'a value out of range');
select is(pg_temp.code($$select freehold.setting_set('retire_grace', 'soon')$$), 'FH003', 'a value of another type');

-- Cells open by themselves.
select lives_ok($$select freehold.setting_set('cell_capacity', '1')$$);
select is((freehold.tenant_provision('next', 'shop')).cell, 2, 'a full cell opens the next');
select has_role('freehold_gate_02');
select is((freehold.tenant_clone('next', 'next-copy')).cell, 3, 'a clone may live in another cell');

select is(pg_temp.code($$select freehold.template_drop('shop')$$), 'FH205', 'a template in use stays');
select * from finish();
rollback;
