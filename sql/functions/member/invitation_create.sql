-- security definer: the tables are the owner's. Touches: invitation (one row, and those to the same address), event (one row), tenant,
-- member_role (rows are locked).
create or replace function freehold.invitation_create(
    slug text,
    email text,
    role text default 'member',
    ttl interval default '7 days',
    by_user uuid default null,
    out id uuid,
    out token text,
    out expires_at timestamptz
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._member_tenant(slug);
    v_role constant freehold.member_role := freehold._member_role(v_tenant.id, role);
    v_now constant timestamptz := freehold._now();
    v_email constant text := btrim(email);
begin
    if (v_email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' and octet_length(v_email) <= 320) is not true then
        raise exception 'an invitation goes to an e-mail' using errcode = 'FH003', detail = 'It has one @ and at most 320 bytes.';
    end if;
    if (ttl > interval '0' and ttl <= interval '90 days') is not true then
        raise exception 'an invitation is good for up to 90 days' using errcode = 'FH003';
    end if;
    perform freehold._member_may(v_tenant, by_user, 'invitation:write', v_role.permissions);
    -- One that is open to the same address is no good any more, and of those that are over nobody's address is kept.
    update freehold.invitation as i set email = null, revoked_at = v_now
    where i.tenant_id = v_tenant.id and i.email is not null
        and (i.expires_at <= v_now or lower(i.email) = lower(v_email));
    token := freehold._secret_make();
    insert into freehold.invitation as i (tenant_id, email, role_name, token_sha256, invited_by, created_at, expires_at)
    values (v_tenant.id, v_email, role, sha256(convert_to(token, 'UTF8')), by_user, v_now, v_now + ttl)
    returning i.id, i.expires_at into invitation_create.id, invitation_create.expires_at;
    perform freehold._event_record('invitation.created', v_tenant.id, v_tenant.slug, null, jsonb_build_object(
        'invitation', id, 'role', role, 'expires_at', expires_at, 'by_user', by_user));
end
$$;

comment on function freehold.invitation_create(text, text, text, interval, uuid) is
    'Invites somebody into a tenant, and returns the token, which is told this once and never again: whoever has it may accept. An '
    'earlier invitation to the same e-mail is revoked. With by_user, that member needs the permission invitation:write, now and when it '
    'is accepted, and the role may permit nothing that his own does not. Raises FH003 for no e-mail, or a ttl above 90 days, FH101 for '
    'an unknown slug, FH143 for an unknown role, FH202 for a tenant that is retired, FH306 when by_user may not.';
