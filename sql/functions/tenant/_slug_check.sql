-- A slug is a DNS label, so it serves as subdomain and in paths. At most 40 bytes: schema prefix (15) and '_owner' (6)
-- added, the longest derived name stays within 63 bytes and two slugs can never be truncated to one.
create or replace function freehold._slug_check(slug text) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if slug is null or slug !~ '^[a-z0-9](-?[a-z0-9])*$' or octet_length(slug) > 40 then
        raise exception '% is not a slug', coalesce(quote_literal(slug), 'null')
            using errcode = 'FH001',
                  detail = 'A slug is a DNS label: a-z and 0-9, single hyphens between them, at most 40 bytes.',
                  hint = 'select freehold.tenant_slug(''...''); derives one from an external id.';
    end if;
end
$$;
