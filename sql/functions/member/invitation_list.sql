-- security definer: the tables are the owner's. Touches: invitation, membership, member_role, tenant (read).
drop function if exists freehold.invitation_list(text, boolean, integer);
create or replace function freehold.invitation_list(
    slug text, past boolean default false, max_rows integer default 1000, by_user uuid default null
)
    returns table (id uuid, email text, role text, state text, invited_by uuid, created_at timestamptz, expires_at timestamptz,
                   accepted_by uuid)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold.tenant_get(slug);
begin
    perform freehold._member_may(v_tenant, by_user, 'invitation:read', array[]::text[]);
    return query
        select i.id, i.email, i.role_name,
               case when i.accepted_at is not null then 'accepted' when i.revoked_at < i.expires_at then 'revoked'
                    when i.expires_at <= freehold._now() then 'expired' else 'open' end,
               i.invited_by, i.created_at, i.expires_at, i.accepted_by
        from freehold.invitation as i
        where i.tenant_id = v_tenant.id and (coalesce(past, false) or i.email is not null and i.expires_at > freehold._now())
        order by i.created_at desc, i.id
        limit max_rows;
end
$$;

comment on function freehold.invitation_list(text, boolean, integer, uuid) is
    'The open invitations of a tenant, the newest first, with the e-mails: admins only; with past also those that are over, whose '
    'e-mails are not kept. by_user is the member who asks. Raises FH101 for an unknown slug, FH306 when he may not.';
