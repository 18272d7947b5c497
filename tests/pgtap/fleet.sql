-- session: superuser
-- Questions to the fleet, by SQL alone: as each tenant's reader, whoever asks.
begin;
set local search_path = tap, pg_catalog;
select no_plan();

select freehold.template_create('fleet');
select freehold.template_apply('fleet', 'create table note (id int primary key, body text);
    create function probe() returns text language plpgsql as $f$begin return current_user; end$f$;
    create view looks as select probe() as p');
select freehold.template_freeze('fleet');
select freehold.tenant_provision(slug, 'fleet') from unnest(array['fl-a', 'fl-b', 'fl-c']) as slug;

select results_eq($$select error_code from freehold.fleet_query('table looks', template => 'fleet')$$, array['FH104', 'FH104', 'FH104'],
                  'nobody is asked who has no reader');
select is(freehold.fleet_prepare(2), 2, 'so many are made as are asked for');
select is(freehold.fleet_prepare(), 1, 'and the rest');
select is(freehold.fleet_prepare(), 0, 'then none is left');
select results_eq($$select slug, "row" ->> 'p', error_code from freehold.fleet_query('table looks', template => 'fleet')$$,
                  $$values ('fl-a', 'tenant_fl_a_ro', null::text), ('fl-b', 'tenant_fl_b_ro', null), ('fl-c', 'tenant_fl_c_ro', null)$$,
                  'each tenant''s code runs as its reader, though a superuser asks');

-- A superuser asks, and code of a tenant's would like to be one.
select format($$create or replace function tenant_fl_a.probe() returns text language plpgsql as %L$$, body) as plant, code
into temporary table attack
from (values ('begin reset role; return current_user; end', '42501'),
             ('begin perform set_config(''role'', ''none'', false); return current_user; end', '42501'),
             ('begin perform set_config(''session_authorization'', session_user, false); return current_user; end', '42501'),
             ('begin insert into note values (1); return current_user; end', '25006'),
             ('begin set local transaction_read_only = off; return current_user; end', '25001'),
             ('begin return (select count(*) from tenant_fl_b.note); end', '42501'),
             ('begin return (freehold.tenant_context(''fl-b'')).role_name; end', 'P0001'),
             ('begin return freehold.tenant_enter(''fl-a''); end', '42501'),
             ('begin return (select string_agg(t.slug, '''') from freehold.tenant as t); end', '42501'),
             ('begin execute ''prepare planted as select 1''; return 1; end', 'FH303'),
             ('begin raise exception ''x'' using errcode = ''57014''; end', '57014')) as a (body, code);
create function pg_temp.attacked(plant text) returns text language plpgsql as $$
begin
    execute plant;
    return (select string_agg(coalesce(f.error_code, f."row" ->> 'p'), ' ' order by f.slug)
            from freehold.fleet_query('table looks', array['fl-a', 'fl-b']) as f);
end $$;
select is(pg_temp.attacked(plant), code || ' tenant_fl_b_ro', plant) from attack;
select is(current_user, session_user, 'who asked is who it was');
select is(current_setting('transaction_read_only'), 'off', 'and may write');
select is_empty('select from tenant_fl_a.note', 'nothing was written');
select is_empty('select from freehold.fleet_turn', 'no turn is left');
select is_empty('select from pg_prepared_statements where from_sql', 'and nothing prepared');

select throws_ok(format('select * from freehold.fleet_ask(%s, ''fl-b'')', (freehold.fleet_begin('select 1')).run), 'FH272', null,
                 'what is asked one by one has its event committed first');
select throws_ok($$select * from freehold.fleet_ask(0, 'fl-b')$$, 'FH171', null, 'and has one');
select results_eq($$select detail ->> 'query', reason from freehold.event where kind = 'fleet_query' order by id desc limit 1$$,
                  $$values ('select 1', null::text)$$, 'an event keeps it');
select is_empty($$select * from freehold.doctor() where check_name in ('runners', 'ownership', 'runtime_members')$$,
                'the doctor finds all as it should be');
select * from finish();
rollback;
