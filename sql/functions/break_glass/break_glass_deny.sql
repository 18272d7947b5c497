-- security definer: the table is the owner's. Touches: break_glass, event, outbox (one row each).
create or replace function freehold.break_glass_deny(id bigint, reason text) returns freehold.break_glass
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_glass freehold.break_glass := freehold._break_glass_take(id);
begin
    if reason is null or reason !~ '\S' then
        raise exception 'say why' using errcode = 'FH003';
    end if;
    if v_glass.state = 'expired' then
        return v_glass;
    end if;
    if v_glass.state <> 'pending' then
        raise exception 'break-glass request % is %', id, v_glass.state
            using errcode = 'FH202', hint = format('select freehold.break_glass_close(%s, ''...''); ends it.', id);
    end if;
    return freehold._break_glass_shut(v_glass, 'denied', reason);
end
$$;

comment on function freehold.break_glass_deny(bigint, text) is
    'Refuses a request that waits for approval. Raises FH110 for an unknown number, FH202 unless it is pending, FH003 without a reason.';
