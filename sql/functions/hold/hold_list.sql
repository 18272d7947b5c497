-- security definer: the tables are the owner's. Touches: legal_hold, tenant, event (read).
create or replace function freehold.hold_list(slug text default null, released boolean default false)
    returns table (id bigint, tenant text, state text, reason text, until timestamptz, set_at timestamptz, set_by text,
                   requested_at timestamptz, requested_by text, request text, released_at timestamptz, release_reason text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select h.id, t.slug, t.state, h.reason, h.until, h.set_at, h.set_by, e.at, e.actor, e.reason, h.released_at, h.release_reason
    from freehold.legal_hold as h
    join freehold.tenant as t on t.id = h.tenant_id
    left join lateral (
        select e.at, e.actor, e.reason
        from freehold.event as e
        where e.tenant_id = h.tenant_id and e.kind = 'erasure_request' and e.at >= h.set_at
        order by e.id desc
        limit 1) as e on true
    where (hold_list.slug is null or t.slug = hold_list.slug and t.state <> 'erased')
        and (hold_list.released or h.released_at is null and (h.until is null or h.until > freehold._now()))
    order by t.slug, h.id
$$;

comment on function freehold.hold_list(text, boolean) is
    'The holds that stand, of one tenant or of all, with the last request to erase it since; with released also those that are over.';
