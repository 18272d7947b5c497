-- security definer: the tables are the owner's. Touches: app_user, membership, invitation, signup_request, request (rows of the user
-- are deleted), event (one row), tenant (rows are locked).
create or replace function freehold.user_erase(id uuid, reason text) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user freehold.app_user;
    v_memberships bigint;
    v_invitations bigint;
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'an erasure needs a reason'
            using errcode = 'FH003', detail = 'It is kept: it should name nobody.',
                  hint = format('select freehold.user_erase(%L, ''...'');', id);
    end if;
    v_user := freehold._user_tenants_lock(id);
    perform freehold._owner_check(m.tenant_id, m.user_id)
    from freehold.membership as m
    where m.user_id = user_erase.id;
    delete from freehold.invitation as i
    where i.accepted_by = user_erase.id or i.email is not null and lower(i.email) = lower(v_user.email);
    get diagnostics v_invitations = row_count;
    delete from freehold.signup_request as r where r.issuer = v_user.issuer and r.subject = v_user.subject;
    perform freehold._request_forget(user_erase.id::text, v_user.email);
    delete from freehold.membership as m where m.user_id = user_erase.id;
    get diagnostics v_memberships = row_count;
    delete from freehold.app_user as u where u.id = user_erase.id;
    perform freehold._member_record('user.erased', null, null, jsonb_build_object(
        'user', id, 'memberships', v_memberships, 'invitations', v_invitations), reason);
end
$$;

comment on function freehold.user_erase(uuid, text) is
    'Forgets a person: the row, its memberships, invitations to its e-mail, and what it asked for in sign-ups that are not over. Events '
    'keep the id and the reason, which should name nobody. What tenants and the access log hold of the person is not touched. Raises '
    'FH003 without a reason, FH141 for an unknown id, FH241 while he is the last owner of a tenant, FH401 while something else is at work '
    'on one.';
