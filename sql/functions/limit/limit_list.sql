-- security definer: the table is the owner's. Touches: tenant (read).
create or replace function freehold.limit_list(slug text default null) returns table (tenant text, name text, value text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if limit_list.slug is not null then
        perform freehold.tenant_get(limit_list.slug);
    end if;
    return query
        select t.slug, l.key, freehold._limit_text(l.key, l.value::bigint)
        from freehold.tenant as t
        cross join lateral jsonb_each_text(t.limits) as l
        where t.state <> 'erased' and (limit_list.slug is null or t.slug = limit_list.slug)
        order by t.slug, l.key;
end
$$;

comment on function freehold.limit_list(text) is 'The limits of a tenant, or of all that have some. Raises FH101 for an unknown slug.';
