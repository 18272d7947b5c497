-- Who may do what with events, seals and the export; and that nobody changes what is recorded, the owner role included.
begin;
set local search_path = tap, pg_catalog;
select no_plan();
grant freehold_owner, freehold_admin, freehold_auditor, freehold_worker, freehold_tenant, freehold_resolver to current_user;
select freehold.template_create('default');
select freehold.template_freeze('default');
select freehold.tenant_provision('acme');

create temporary view may as
    select r.role, f.call, has_function_privilege('freehold_' || r.role, f.call, 'execute') as yes
    from unnest(array['admin', 'auditor', 'worker', 'tenant', 'resolver', 'gate_01']) as r (role)
    cross join unnest(array[
        'freehold.event_list(text, text, timestamptz, bigint, integer)', 'freehold.audit_seal_step(text, uuid)',
        'freehold.audit_verify(text, jsonb)', 'freehold.audit_anchor()', 'freehold.audit_export(text, integer, text)',
        'freehold.audit_epoch(text)']) as f (call);
select set_eq(
    $$select role, regexp_replace(call, '^freehold\.(\w+).*', '\1') from may where yes$$,
    $$values ('admin', 'event_list'), ('admin', 'audit_seal_step'), ('admin', 'audit_verify'), ('admin', 'audit_anchor'),
             ('admin', 'audit_export'), ('admin', 'audit_epoch'),
             ('auditor', 'event_list'), ('auditor', 'audit_verify'), ('auditor', 'audit_anchor'), ('auditor', 'audit_export'),
             ('worker', 'event_list'), ('worker', 'audit_seal_step'), ('worker', 'audit_verify'), ('worker', 'audit_anchor'),
             ('worker', 'audit_export')$$,
    'auditors read and prove, workers seal as well, tenants and applications do neither');

set local role freehold_admin;
select isnt_empty('select * from freehold.audit_seal_step()', 'an admin seals');
set local role freehold_auditor;
select isnt_empty($$select * from freehold.event_list('acme', 'tenant_provision')$$, 'an auditor reads events');
select is_empty('select * from freehold.audit_verify()', 'an auditor verifies');
select isnt_empty('select * from freehold.audit_export()', 'an auditor exports');
select throws_ok('select * from freehold.audit_seal_step()', '42501', null, 'an auditor seals nothing');
select throws_ok('select * from freehold.event', '42501', null, 'an auditor does not read the table');
select throws_ok('select * from freehold.seal', '42501', null, 'nor that of the seals');
set local role freehold_owner;
select throws_ok(format('%s freehold.%I %s', s.verb, t.name, s.rest), 'FH303', null, format('the owner may not %s %s', s.verb, t.name))
from unnest(array['event', 'seal']) as t (name)
cross join lateral (
    values ('update', case t.name when 'event' then 'set actor = actor' else 'set number = number' end), ('delete from', ''),
           ('truncate', '')) as s (verb, rest);
select is(t.tgenabled, 'A', format('%s holds in every session_replication_role', t.tgname))
from pg_trigger as t
where t.tgrelid in ('freehold.event'::regclass, 'freehold.seal'::regclass) and t.tgname ~ '_guard$';
reset role;
select * from finish();
rollback;
