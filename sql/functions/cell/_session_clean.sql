-- Prepared statements outlive a rollback: those that are not of the state given are dropped.
create or replace function freehold._session_clean(state jsonb) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
begin
    for v_name in
        select n.item ->> 0
        from jsonb_path_query(freehold._session_state(), 'strict $."prepared statements"[*]', silent => true) as n (item)
        where not coalesce(state -> 'prepared statements' @> jsonb_build_array(n.item), false)
    loop
        execute format('deallocate %I', v_name);
    end loop;
end
$$;
