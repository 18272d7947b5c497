-- security definer: the table is the owner's. Touches: access_log (deletes up to max_rows).
create or replace function freehold.access_purge(older_than interval, max_rows integer default 10000) returns bigint
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows bigint;
begin
    if older_than is null or older_than < interval '0' then
        raise exception 'an age is an interval from 0 on' using errcode = 'FH003';
    end if;
    -- The first ones are the oldest, as good as: no more of them are read than are to be deleted.
    delete from freehold.access_log as l
    where l.at < freehold._now() - older_than and l.id = any (array(
        select o.id
        from freehold.access_log as o
        where not exists (select from freehold._hold_standing(o.tenant_id))
        order by o.id
        limit max_rows));
    get diagnostics v_rows = row_count;
    if v_rows > 0 then
        perform freehold._operation_done('access_purge', null, null, freehold._now(), jsonb_build_object(
            'rows', v_rows, 'older_than', older_than));
    end if;
    return v_rows;
end
$$;

comment on function freehold.access_purge(interval, integer) is
    'Deletes what the access log has that is older, the oldest first, max_rows at most, and nothing of a tenant under legal '
    'hold; returns how many rows. To be called until it returns 0. Raises FH003 for no age.';
