-- security definer: the tables are the owner's. Touches: app_user, membership, tenant (read).
create or replace function freehold.user_list(
    slug text default null,
    email text default null,
    active boolean default null,
    orphans boolean default false,
    after uuid default null,
    max_rows integer default 1000
) returns setof freehold.app_user
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select u.*
    from freehold.app_user as u
    where (user_list.slug is null or u.id in (
            select m.user_id from freehold.membership as m
            join freehold.tenant as t on t.id = m.tenant_id
            where t.slug = user_list.slug and t.state <> 'erased'))
        and (user_list.email is null or lower(u.email) = lower(btrim(user_list.email)))
        and (user_list.active is null or u.active = user_list.active)
        and (not coalesce(orphans, false) or not exists (select from freehold.membership as m where m.user_id = u.id))
        and (after is null or u.id > after)
    order by u.id
    limit max_rows
$$;

comment on function freehold.user_list(text, text, boolean, boolean, uuid, integer) is
    'Users, with what is personal: admins only. Those of one tenant; with an e-mail, whatever its case; active or not; orphans, who are '
    'in no tenant, as those are whose only tenant was erased. Page on with after => the last id seen.';
