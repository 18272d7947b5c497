-- security definer: the tables are the owner's. Touches: tenant_size, tenant (read).
create or replace function freehold.tenant_size_list(slug text default null, max_rows integer default 1000)
    returns table (tenant_slug text, at timestamptz, bytes bigint, relations integer)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
begin
    if slug is null then
        return query
            select t.slug, s.at, s.bytes, s.relations
            from freehold.tenant as t
            cross join lateral (
                select * from freehold.tenant_size as o where o.tenant_id = t.id order by o.at desc limit 1) as s
            where t.state <> 'erased'
            order by s.bytes desc, t.slug
            limit max_rows;
        return;
    end if;
    v_tenant := freehold.tenant_get(slug);
    return query
        select *
        from (
            select v_tenant.slug, s.at, s.bytes, s.relations
            from freehold.tenant_size as s
            where s.tenant_id = v_tenant.id
            order by s.at desc
            limit max_rows) as s
        order by s.at;
end
$$;

comment on function freehold.tenant_size_list(text, integer) is
    'What a tenant''s schema took each time that the keeper measured it, the oldest first, the latest max_rows; without a slug the last '
    'of each tenant, the largest first. Raises FH101 for an unknown slug.';
