-- Refuses, before anything is made, what one transaction's locks would not do for. Two to a statement is what replaying DDL
-- was seen to take at most, and half as much again where rows are read from a source.
create or replace function freehold._lock_check(statements bigint, what text, staged text) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_room constant bigint := freehold._lock_room();
begin
    if statements * 2 > v_room then
        raise exception '% takes more locks than one transaction can have', what
            using errcode = 'FH402',
                  detail = format('Some %s locks for %s statements; the lock table has room for %s.', statements * 2, statements, v_room),
                  hint = format('%s does it in several transactions; or raise max_locks_per_transaction (it is %s), which '
                                'needs a restart.', staged, current_setting('max_locks_per_transaction'));
    end if;
end
$$;
