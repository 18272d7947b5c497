-- Refuses a name that is no limit's.
create or replace function freehold._limit_check(name text) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from freehold._limit_known() as k where k.name = _limit_check.name) then
        raise exception 'there is no limit called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH003',
                  hint = format('It is one of %s.', (select string_agg(k.name, ', ') from freehold._limit_known() as k));
    end if;
end
$$;
