-- Refuses a run to a keeper that does not lead. At its beginning the lease must hold; at its end nobody else may have taken it, nor can
-- until the transaction ends. Only then a row is locked: a transaction that has a number cannot seal what was written just before.
-- Touches: keeper (read; its row locked shared).
create or replace function freehold._keeper_check(holder text, at_end boolean) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_holder text;
begin
    if at_end then
        select k.holder into v_holder from freehold.keeper as k for share;
    else
        select k.holder into v_holder from freehold.keeper as k where k.expires_at > freehold._now();
    end if;
    if v_holder is distinct from holder then
        raise exception 'keeper "%" does not lead', holder
            using errcode = 'FH261', detail = coalesce(format('"%s" does.', v_holder), 'Nobody does.') || ' Nothing was changed.',
                  hint = 'A keeper takes the lease first, and renews it before it ends.';
    end if;
end
$$;
