-- The one list of grants on the control plane. A public function is one whose name does not begin with an underscore;
-- readers need the private ones that a public INVOKER routine calls, which are the deparser's and what procedures ask.
-- Images of tenants' rows are the auditors', not the workers'; what is personal of users is neither's.
-- What tenants answer to fleet queries and rollups is their rows, so it is the analysts' alone: who declares a rollup, or keeps it fresh,
-- sees none of it, and an administrator reads no tenant's rows.
create or replace function freehold._grant_declared()
    returns table (role_name name, object_kind text, object text, privilege text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with role (name, reads, writes, works) as (
        values (freehold._role('admin'), true, true, true),
               (freehold._role('auditor'), true, false, false),
               (freehold._role('worker'), true, false, true)
    ), client (name, enters) as (
        select freehold._role('tenant'), true
        union all
        select freehold._role('resolver'), false
        union all
        select c.gate_name, true from freehold.cell as c
    ), routine as (
        select p.oid, p.proname, case p.prokind when 'p' then 'procedure' else 'function' end as kind,
               p.proname ~ '^_(ddl|schema_(ddl|object|level|order)|outside_transaction$)' as deparser,
               p.proname in ('tenant_context', 'tenant_enter', '_context_open', 'tenant_leave', 'tenant_current', 'actor_current',
                             '_role_sure', '_session_reset', '_session_clean', '_break_glass_person', 'access_record',
                             '_reads_open') as context,
               p.proname in ('rollout_claim', 'rollout_apply', 'rollout_backfill', 'rollout_begin', 'rollout_end', 'rollout_fail',
                             'rollout_release', 'break_glass_expire', 'outbox_delivered', 'audit_seal', 'audit_seal_step',
                             'erasure_task_claim', 'erasure_task_done', 'erasure_task_fail', 'signup_work', 'fleet_prepare',
                             'rollup_refresh', 'api_key_purge') as work,
               -- For the owner of a schema, in a migration.
               p.proname in ('_audit_attach', '_audit_tree')
                   or p.proname in ('audit_enable', 'audit_disable') and p.proargtypes[0] = 'regclass'::regtype as owns,
               -- A tenant's, of its own log; of any log they are administrators'.
               p.proname in ('audit_history', 'audit_as_of', 'audit_as_of_table', '_audit_history_own', '_audit_rows_own') as opens,
               p.proname in ('_audit_history_any', '_audit_rows_any') as looks,
               case when p.proname in ('break_glass_open', 'break_glass_claim') then 'alone'
                    when p.proname in ('break_glass_close', 'break_glass_expire', 'break_glass_list') then 'too' end as staff,
               case when p.proname in ('fleet_query', 'fleet_begin', 'fleet_ask', 'fleet_columns', 'rollup_get') then 'alone'
                    when p.proname in ('fleet_prepare', 'rollup_list') then 'too' end as analysis,
               p.provolatile <> 'v' or p.proname in ('break_glass_list', '_break_glass_person') as reads,
               p.proname in ('user_get', 'user_list', 'invitation_list', 'signup_person') as persons,
               p.proname in ('member_check', 'member_tenants', '_member_of', 'permission_check', 'api_key_check') as asks,
               -- What a service does for a user who proved who he is: who acts stands in the call, or the call is about himself.
               p.proname !~ '^_' and 'by_user' = any (p.proargnames)
                   or p.proname in ('user_ensure', 'invitation_accept', 'permission_require') as serves,
               p.proname ~ '^_console_session_(open|use|close)$' as signs,
               p.proname in ('_request_begin', '_request_end') as repeats
        from pg_proc as p
        where p.pronamespace = 'freehold'::regnamespace and p.proowner = freehold._role('owner')::regrole
    )
    select r.name, 'schema', 'freehold', 'USAGE' from role as r
    union all
    select r.name, f.kind, f.oid::regprocedure::text, 'EXECUTE'
    from role as r
    join routine as f on f.staff is distinct from 'alone' and f.analysis is distinct from 'alone'
                       and (f.deparser or (f.context and (r.writes or f.reads))
                            or (f.proname not like '\_%' and (r.writes or f.reads and not f.persons))
                            or (f.work and r.works) or (f.looks and r.writes) or f.repeats)
    union all
    -- Staff have no standing access: what lets them in is theirs alone, so that an admin approves and does not let himself in.
    select freehold._role('break_glass'), 'schema', 'freehold', 'USAGE'
    union all
    select freehold._role('break_glass'), f.kind, f.oid::regprocedure::text, 'EXECUTE' from routine as f
    where f.staff is not null or f.repeats
    union all
    -- A service acts for members of tenants by a role that can do nothing without saying for whom.
    select freehold._role('member'), 'schema', 'freehold', 'USAGE'
    union all
    select freehold._role('member'), f.kind, f.oid::regprocedure::text, 'EXECUTE' from routine as f where f.serves or f.repeats
    union all
    select freehold._role('analyst'), 'schema', 'freehold', 'USAGE'
    union all
    select freehold._role('analyst'), f.kind, f.oid::regprocedure::text, 'EXECUTE' from routine as f
    where f.analysis is not null or f.repeats
    union all
    -- The audit of rows runs as the owner of its logs, and asks who is behind a break-glass login.
    select freehold._role('audit_owner'), 'schema', 'freehold', 'USAGE'
    union all
    select freehold._role('audit_owner'), f.kind, f.oid::regprocedure::text, 'EXECUTE' from routine as f
    where f.proname = '_break_glass_person'
    union all
    -- Applications and tenants: the context of a transaction, nothing else of the control plane; who asks for an application asks as
    -- well what its users may.
    select c.name, 'schema', 'freehold', 'USAGE' from client as c
    union all
    select c.name, f.kind, f.oid::regprocedure::text, 'EXECUTE'
    from client as c
    join routine as f on f.context and (c.enters or f.proname = 'tenant_context') or (f.asks or f.signs) and not c.enters
    union all
    select freehold._role('tenant'), f.kind, f.oid::regprocedure::text, 'EXECUTE' from routine as f where f.owns or f.opens
$$;
