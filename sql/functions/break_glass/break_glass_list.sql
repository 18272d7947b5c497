-- security definer: the table is the owner's. Touches: break_glass (what is overdue is ended), pg_stat_activity (read).
create or replace function freehold.break_glass_list(slug text default null, past boolean default false, max_rows integer default 100)
    returns table (id bigint, tenant_slug text, state text, person text, requested_by name, access text, reason text, ticket text,
                   login name, sessions bigint, requested_at timestamptz, approved_by name, opened_at timestamptz,
                   expires_at timestamptz, overdue boolean, closed_at timestamptz, closed_by name, close_reason text,
                   removed_at timestamptz, failure text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
begin
    if not current_setting('transaction_read_only')::boolean then
        perform freehold._break_glass_expire();
    end if;
    return query
        select g.id, coalesce(t.slug, g.slug), g.state, g.person, g.requested_by, g.access, g.reason, g.ticket, g.login,
               (select count(*) from pg_stat_activity as a where a.usename = g.login), g.requested_at, g.approved_by, g.opened_at,
               g.expires_at, g.state in ('pending', 'open') and g.expires_at <= freehold._now(), g.closed_at, g.closed_by,
               g.close_reason, g.removed_at, g.failure
        from freehold.break_glass as g
        left join freehold.tenant as t on t.id = g.tenant_id
        where (break_glass_list.past or g.state in ('pending', 'open') or (g.login is not null and g.removed_at is null))
            and (break_glass_list.slug is null or break_glass_list.slug in (g.slug, t.slug))
        order by g.id desc
        limit break_glass_list.max_rows;
end
$$;

comment on function freehold.break_glass_list(text, boolean, integer) is
    'Who of the staff is inside now, and who asks to be: requests, open logins with their live sessions, and ended ones whose role is '
    'not dropped yet; with past => true all that ever were. The latest first, at most max_rows, of one tenant where a slug is given '
    '(its present one, or that of then). What is overdue is ended first, except in a transaction that only reads.';
