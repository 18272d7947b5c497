-- The table of a home's log; with partitions, there is one to begin with, which takes what none was made for. Of the log the control
-- plane reads all, and the counter of its ids, nobody else anything.
-- No b-trees: BRIN on time and number costs next to nothing to write.
-- An entry's id is random. A server with OpenSSL has strong random numbers at hand. Another asks the kernel for each, which is dear:
-- there it comes from the session's generator, which was seeded with one, and nobody sees what that gives but as part of a digest. A
-- session may seed its generator; two that did alike have not the same clock.
create or replace function freehold._audit_log(home_id uuid, partitioned boolean) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_log constant name := freehold._audit_name(home_id);
begin
    perform freehold._audit_run(format(
        'create table freehold_audit.%1$I (
             id bigint not null generated always as identity,
             entry_id uuid not null default %6$s,
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
         ) %5$s;
         alter table freehold_audit.%1$I replica identity full;
         create index on freehold_audit.%1$I using brin (at, id);
         comment on table freehold_audit.%1$I is %2$L;
         grant select on freehold_audit.%1$I, freehold_audit.%4$I to %3$I',
        v_log, format('The rows that home %s changed.', home_id), freehold._role('owner'), v_log || '_id_seq',
        case when partitioned then 'partition by range (at)' end,
        case current_setting('ssl_library')
            when 'OpenSSL' then 'gen_random_uuid()'
            else 'encode(substr(sha256(float8send(random()) || float8send(random()) || timestamptz_send(clock_timestamp())), 1, 16),
                         ''hex'')::uuid' end));
    if partitioned then
        perform freehold._audit_partition_add(home_id, v_log || '_rest', null, null);
    end if;
end
$$;
