-- Chains there are, in their order: the control plane's, and each home's that has a log.
create or replace function freehold._seal_homes(home text default null, start uuid default null, max_rows integer default null)
    returns setof uuid
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if home is not null then
        return query select case when home = '@' then '00000000-0000-0000-0000-000000000000'::uuid
                                 else (freehold._home_get(home)).id end;
        return;
    end if;
    return query
        select c.chain
        from (select '00000000-0000-0000-0000-000000000000'::uuid as chain
              union all
              select l.home_id from freehold.audit_log as l) as c
        where start is null or c.chain >= start
        order by c.chain
        limit max_rows;
end
$$;
