-- Takes out answers that hold one of these texts, as a value of its own: of what is erased. Those that tell how an erasure goes stay.
-- Touches: request.
create or replace function freehold._request_forget(variadic words text[]) returns bigint
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
begin
    delete from freehold.request as r
    where r.routine not in ('tenant_erase', 'tenant_erase_step')
        and exists (select from unnest(words) as w (word) where strpos(lower(r.response), lower(to_json(w.word)::text)) > 0);
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
