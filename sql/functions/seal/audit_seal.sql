-- Commits after every step, so it can be neither definer nor carry a SET clause: it qualifies every name, a type's too,
-- and only calls.
create or replace procedure freehold.audit_seal(home text default null)
    language plpgsql security invoker
as $$
declare
    v_start pg_catalog.uuid;
begin
    call freehold._outside_transaction('sealing', pg_catalog.format(
        'select next from freehold.audit_seal_step(%s) in a transaction each, with that as its second argument, until it is null',
        pg_catalog.quote_nullable(home)));
    loop
        select s.next into v_start from freehold.audit_seal_step(home, v_start) as s;
        commit;
        exit when v_start is null;
    end loop;
end
$$;

comment on procedure freehold.audit_seal(text) is
    'Seals what was written to the audit since the last time: of one home (a tenant''s slug, a template''s name after @, @ alone for the '
    'control plane), or of all. Only what can have nothing before it any more: an open transaction holds back what came after it. Blocks '
    'no writer; several at once share the work. It commits by batch, so call it outside a transaction, every minute say. Raises FH007 '
    'in a transaction, and what audit_seal_step() raises.';
