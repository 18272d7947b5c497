-- The epoch in force. Refuses where this is another cluster or database than the one it began in.
-- Touches: seal_epoch (the first row).
create or replace function freehold._seal_epoch() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_place constant text := freehold._seal_place();
    v_epoch freehold.seal_epoch;
begin
    select * into v_epoch from freehold.seal_epoch as e order by e.number desc limit 1;
    if not found then
        insert into freehold.seal_epoch (number, place, began_at, began_by)
        values (1, v_place, freehold._now(), freehold.actor_current())
        on conflict do nothing;
        select * into v_epoch from freehold.seal_epoch as e order by e.number desc limit 1;
    end if;
    if v_epoch.place <> v_place then
        raise exception 'the seals were made in another cluster or database'
            using errcode = 'FH504', detail = format('Epoch %s began in %s, this is %s.', v_epoch.number, v_epoch.place, v_place),
                  hint = 'If it was restored or moved here on purpose, and goes on here alone: select freehold.audit_epoch(''...''); '
                         'A copy that is there to be looked at needs no seals.';
    end if;
    return v_epoch.number;
end
$$;
