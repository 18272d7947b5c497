-- security definer: the table is the owner's. Touches: tenant_key, tenant (read).
create or replace function freehold.tenant_key_list(slug text default null)
    returns table (
        slug text, tenant_id uuid, version integer, state text, recipient text, provider text, kek_id text, created_at timestamptz,
        rewrapped_at timestamptz, retired_at timestamptz, destroyed_at timestamptz
    )
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select t.slug, k.tenant_id, k.version,
           case when k.destroyed_at is not null then 'destroyed' when k.retired_at is not null then 'retired' else 'current' end,
           k.recipient, k.provider, k.kek_id, k.created_at, k.rewrapped_at, k.retired_at, k.destroyed_at
    from freehold.tenant_key as k
    join freehold.tenant as t on t.id = k.tenant_id
    where tenant_key_list.slug is null or (t.slug = tenant_key_list.slug and t.state <> 'erased')
    order by t.slug, k.version desc
$$;

comment on function freehold.tenant_key_list(text) is
    'The keys of tenants, of one or all, latest version first: state is current, retired or destroyed. Without the keys themselves.';
