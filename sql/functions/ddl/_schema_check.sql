-- Refuses a schema that cannot be carried, naming every reason. In place, for a rename, nothing is made anew and only bodies
-- that name the schema stand in the way.
create or replace function freehold._schema_check(ns regnamespace, in_place boolean default false) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_refusals text;
    v_count bigint;
begin
    select string_agg(format('%s %s: %s', r.kind, r.identity, r.reason), E'\n' order by r.kind, r.identity), count(*)
    into v_refusals, v_count
    from freehold._schema_refusal(ns) as r
    where not in_place or r.reason like '%names its own schema';
    if v_count > 0 then
        raise exception 'schema % holds % object(s) that cannot be carried', ns, v_count
            using errcode = 'FH006', detail = v_refusals,
                  hint = 'Change or drop them first; nothing was made.';
    end if;
end
$$;
