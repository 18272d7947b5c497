-- security definer: the tables are the owner's. Touches: invitation, membership, event (one row each), tenant, app_user (rows locked).
create or replace function freehold.invitation_accept(token text, user_id uuid) returns freehold.membership
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_hash constant bytea := sha256(convert_to(coalesce(token, ''), 'UTF8'));
    v_now constant timestamptz := freehold._now();
    v_tenant freehold.tenant;
    v_user freehold.app_user;
    v_invitation freehold.invitation;
    v_member freehold.membership;
begin
    -- The tenant's row first, as everybody does who changes members.
    select t.* into v_tenant from freehold.tenant as t
    where t.id = (select i.tenant_id from freehold.invitation as i where i.token_sha256 = v_hash)
    for update;
    v_user := freehold._user_lock(user_id, true);
    if not v_user.active then
        raise exception 'user % is not active', user_id
            using errcode = 'FH202', hint = format('select freehold.user_activate(%L);', user_id);
    end if;
    -- Once, by whoever comes first: the one statement that says it is good spends it.
    update freehold.invitation as i set accepted_at = v_now, accepted_by = v_user.id, email = null
    where i.token_sha256 = v_hash and i.tenant_id = v_tenant.id and v_tenant.state = 'active'
        and i.accepted_at is null and i.revoked_at is null and i.expires_at > v_now
        and (i.invited_by is null or exists (
            select from freehold._permissions_held(i.tenant_id, i.invited_by) as h
            where freehold._permissions_within(array['invitation:write'], h)
                and freehold._permissions_within(freehold._permissions_of(i.tenant_id, i.role_name), h)))
    returning * into v_invitation;
    if not found then
        raise exception 'the invitation is not valid'
            using errcode = 'FH144', detail = 'Nobody was invited by it, or it is expired, revoked or used.';
    end if;
    insert into freehold.membership as m (user_id, tenant_id, role_name, added_at, changed_at)
    values (v_user.id, v_tenant.id, v_invitation.role_name, v_now, v_now)
    on conflict on constraint membership_pkey do nothing
    returning * into v_member;
    if not found then
        raise exception 'user % is a member of tenant "%" already', user_id, v_tenant.slug
            using errcode = 'FH244', detail = 'The invitation was not used.';
    end if;
    perform freehold._member_record('invitation.accepted', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'invitation', v_invitation.id, 'user', user_id, 'role', v_invitation.role_name));
    return v_member;
exception
    when lock_not_available then
        raise exception 'the tenant is busy' using errcode = 'FH401', hint = 'Try again.';
end
$$;

comment on function freehold.invitation_accept(text, uuid) is
    'Makes a user a member by the token of an invitation, once. The e-mail is not compared: whoever has the token was given it. Raises '
    'FH141 for an unknown user, FH144 for a token that is wrong, expired, revoked or used, or whose inviter may not invite any more, or '
    'whose tenant is not active, all alike, FH202 for a user who is not active, FH244 for who is a member already, FH401 while '
    'something else is at work on the tenant.';
