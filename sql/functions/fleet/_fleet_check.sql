-- Refuses what cannot be asked of any tenant.
create or replace function freehold._fleet_check(query text, timeout interval, max_rows integer, max_bytes bigint) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(query !~ '\S', true) or octet_length(query) > 100000 then
        raise exception 'a fleet query is one statement of at most 100000 bytes' using errcode = 'FH003';
    end if;
    if timeout is null or timeout < interval '1 millisecond' or timeout > interval '1 day' then
        raise exception 'a tenant is given between a millisecond and a day' using errcode = 'FH003';
    end if;
    if max_rows is null or max_rows not between 1 and 1000000 then
        raise exception 'max_rows is between 1 and 1000000' using errcode = 'FH003';
    end if;
    if max_bytes is null or max_bytes not between 1 and 100000000 then
        raise exception 'max_bytes is between 1 and 100000000' using errcode = 'FH003';
    end if;
end
$$;
