-- security definer: the tables are the owner's. Touches: api_key (up to max_rows are deleted, with what hangs on them), event (one row).
create or replace function freehold.api_key_purge(older_than interval default '90 days', max_rows integer default 1000) returns bigint
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_until timestamptz;
    v_names text[];
begin
    if older_than is null or older_than < interval '0' then
        raise exception 'an age is an interval from 0 on' using errcode = 'FH003';
    end if;
    v_until := freehold._now() - older_than;
    with gone as (
        delete from freehold.api_key as k
        where k.id = any (array(
            select o.id from freehold.api_key as o
            where o.revoked_at <= v_until or o.expires_at <= v_until
            order by o.id
            limit max_rows
            for update skip locked))
        returning k.name
    )
    select array_agg(g.name order by g.name) into v_names from gone as g;
    if v_names is not null then
        perform freehold._event_record('api_key.purged', null, null, null, jsonb_build_object(
            'names', v_names, 'older_than', older_than));
    end if;
    return coalesce(cardinality(v_names), 0);
end
$$;

comment on function freehold.api_key_purge(interval, integer) is
    'Deletes keys that have been over for so long, max_rows at most, and returns how many; their names are free again. The events stay. '
    'To be called until it returns 0. Raises FH003 for no age.';
