-- The log of a home and what writes it, made where there is none, or another than this release's.
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
        update freehold.audit_log as l set partition_width = null, partitioned_until = null
        where l.home_id = _audit_make.home_id and l.partition_width is not null;
        perform freehold._audit_log(home_id, partitioned => false);
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
