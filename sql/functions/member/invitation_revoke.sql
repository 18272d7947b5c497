-- security definer: the table is the owner's. Touches: invitation, event (one row each), tenant (its row is locked).
create or replace function freehold.invitation_revoke(slug text, id uuid, by_user uuid default null) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
begin
    perform freehold._member_may(v_tenant, by_user, 'invitation:write', array[]::text[]);
    update freehold.invitation as i set revoked_at = freehold._now(), email = null
    where i.id = invitation_revoke.id and i.tenant_id = v_tenant.id and i.email is not null;
    if not found then
        raise exception 'tenant "%" has no open invitation %', v_tenant.slug, coalesce(id::text, 'null')
            using errcode = 'FH144', hint = format('select * from freehold.invitation_list(%L); shows them.', v_tenant.slug);
    end if;
    perform freehold._event_record('invitation.revoked', v_tenant.id, v_tenant.slug, null, jsonb_build_object(
        'invitation', id, 'by_user', by_user));
end
$$;

comment on function freehold.invitation_revoke(text, uuid, uuid) is
    'Makes an invitation worthless. With by_user, that member needs the permission invitation:write. Raises FH101 for an unknown slug, '
    'FH144 when the tenant has no such open invitation, FH306 when by_user may not.';
