-- The last id that a log has given out: if it has not moved, nothing was written. Null where that may not be asked, or of the
-- control plane, whose rows get their ids before their transaction has a number.
create or replace function freehold._seal_counter(chain uuid) returns bigint
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_sequence constant regclass := to_regclass(format('freehold_audit.log_%s_id_seq', replace(chain::text, '-', '')));
begin
    if v_sequence is null or not has_sequence_privilege(v_sequence, 'select') then
        return null;
    end if;
    return coalesce(pg_sequence_last_value(v_sequence), 0);
end
$$;
