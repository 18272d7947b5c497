-- security definer: the tables are the owner's. Touches: api_key, api_key_secret, api_key_tenant, tenant (read).
create or replace function freehold.api_key_list(past boolean default false, max_rows integer default 1000)
    returns table (id bigint, name text, state text, roles text[], slugs text[], tokens bigint, created_at timestamptz, created_by text,
                   expires_at timestamptz, rotated_at timestamptz, last_used_at timestamptz, revoked_at timestamptz, revoked_by text,
                   reason text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select k.id, k.name, s.state, k.roles,
           case when k.bound then array(select t.slug from freehold.api_key_tenant as b join freehold.tenant as t on t.id = b.tenant_id
                                        where b.key_id = k.id order by 1) end,
           (select count(*) from freehold.api_key_secret as e
            where e.key_id = k.id and (e.expires_at > freehold._now() or e.expires_at is null)),
           k.created_at, k.created_by, k.expires_at, k.rotated_at, k.last_used_at, k.revoked_at, k.revoked_by, k.reason
    from freehold.api_key as k,
        lateral (select freehold._api_key_state(k)) as s (state)
    where s.state = 'active' or api_key_list.past
    order by k.id desc
    limit api_key_list.max_rows
$$;

comment on function freehold.api_key_list(boolean, integer) is
    'The API keys, the newest first: what they may, the present slugs of the tenants that they are bound to (null: not bound), how many '
    'tokens are good (two while a rotation overlaps), when they were used last. With past also those that are over. Nothing of a token.';
