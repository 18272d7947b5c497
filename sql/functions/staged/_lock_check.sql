-- Refuses, before anything is made, what one transaction's locks would not do for. Replaying DDL was seen to take 1.1 to 1.6
-- locks a statement; a clone reads the source besides.
create or replace function freehold._lock_check(locks numeric, what text, staged text default null) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_room constant bigint := freehold._lock_room();
begin
    if locks > v_room then
        raise exception '% takes more locks than one transaction can have', what
            using errcode = 'FH402',
                  detail = format('Some %s, and the lock table has room for %s.', ceil(locks), v_room),
                  hint = freehold._lock_hint(staged);
    end if;
end
$$;
