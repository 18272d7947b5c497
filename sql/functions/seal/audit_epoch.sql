-- security definer: the table is the owner's. Touches: seal_epoch, event (one new row each).
create or replace function freehold.audit_epoch(reason text) returns integer
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_number integer;
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'another epoch needs a reason'
            using errcode = 'FH003', hint = 'Say why the audit goes on here: select freehold.audit_epoch(''...'');';
    end if;
    lock table freehold.seal_epoch in share row exclusive mode;
    insert into freehold.seal_epoch (number, place, began_at, began_by, reason)
    select coalesce(max(e.number), 0) + 1, freehold._seal_place(), freehold._now(), freehold.actor_current(), audit_epoch.reason
    from freehold.seal_epoch as e
    returning number into v_number;
    perform freehold._event_record('audit_epoch', null, null, reason, jsonb_build_object('epoch', v_number));
    return v_number;
end
$$;

comment on function freehold.audit_epoch(text) is
    'Says that seals go on in this cluster and database, after a restore from a dump, a move or pg_upgrade: another one counts '
    'transactions anew. The chains go on as well, each with a seal that says so. Cursors of audit_export() from before are over. Raises '
    'FH003 without a reason.';
