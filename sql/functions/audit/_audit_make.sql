-- The log of a home and what writes it, made where there is none, or another than this release's. Of the log the control plane
-- reads all, and the counter of its ids, nobody else anything.
-- No b-trees: BRIN on time and number costs next to nothing to write.
-- Touches: audit_log (one row).
create or replace function freehold._audit_make(home_id uuid) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_log constant name := freehold._audit_name(home_id);
    v_writer constant name := freehold._audit_writer(home_id);
begin
    insert into freehold.audit_log (home_id, made_at) values (_audit_make.home_id, freehold._now()) on conflict do nothing;
    if to_regclass(format('freehold_audit.%I', v_log)) is null then
        perform freehold._audit_run(format(
            'create table freehold_audit.%1$I (
                 id bigint not null generated always as identity,
                 entry_id uuid not null default gen_random_uuid(),
                 xid xid8 not null default pg_current_xact_id(),
                 at timestamptz not null,
                 table_name name not null,
                 action text not null,
                 key jsonb,
                 old jsonb,
                 new jsonb,
                 actor text not null,
                 login name not null,
                 application_name text,
                 client_address inet,
                 request_id text
             );
             alter table freehold_audit.%1$I replica identity full;
             create index on freehold_audit.%1$I using brin (at, id);
             comment on table freehold_audit.%1$I is %2$L;
             grant select on freehold_audit.%1$I, freehold_audit.%4$I to %3$I',
            v_log, format('The rows that home %s changed.', home_id), freehold._role('owner'), v_log || '_id_seq'));
    end if;
    if not exists (select from pg_proc as p
                   where p.oid = to_regproc(format('freehold_audit.%I', v_writer)) and p.prosecdef
                       and p.proconfig @> array['extra_float_digits=1']
                       and p.prosrc = freehold._audit_body(home_id))
    then
        perform freehold._audit_run(format(
            'create or replace function freehold_audit.%1$I() returns trigger
                 language plpgsql security definer
                 set search_path = pg_catalog, pg_temp
                 set plan_cache_mode = force_generic_plan
                 set extra_float_digits = 1
             as %2$L;
             revoke all on function freehold_audit.%1$I() from public;
             comment on function freehold_audit.%1$I() is %3$L',
            v_writer, freehold._audit_body(home_id),
            'security definer: only the owner of the logs writes them. Nobody may execute it, so nobody can attach it.'));
    end if;
end
$$;
