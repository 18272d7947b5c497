-- security definer: the table is the owner's. Touches: access_log (read), tenant (read).
create or replace function freehold.access_list(
    slug text, since timestamptz default null, before bigint default null, max_rows integer default 100
) returns setof freehold.access_log
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select l.*
    from freehold.access_log as l
    where l.tenant_id = (freehold.tenant_get(access_list.slug)).id
        and (access_list.before is null or l.id < access_list.before) and (access_list.since is null or l.at >= access_list.since)
    order by l.id desc
    limit access_list.max_rows
$$;

comment on function freehold.access_list(text, timestamptz, bigint, integer) is
    'Who was in a tenant, the newest first: at most max_rows, those before the row of that id, those since a time. Raises FH101 for an '
    'unknown slug.';
