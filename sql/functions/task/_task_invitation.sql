-- The task invitation: forgets the e-mails of some that have expired. Touches: invitation, event (a row each), tenant (read).
create or replace function freehold._task_invitation() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_invitation record;
    v_count integer := 0;
begin
    for v_invitation in
        select i.id, i.tenant_id, t.slug
        from freehold.invitation as i
        join freehold.tenant as t on t.id = i.tenant_id
        where i.email is not null and i.expires_at <= freehold._now()
        limit 100
        for update of i skip locked
    loop
        update freehold.invitation as i set revoked_at = i.expires_at, email = null where i.id = v_invitation.id;
        perform freehold._event_record('invitation.expired', v_invitation.tenant_id, v_invitation.slug, null,
                                       jsonb_build_object('invitation', v_invitation.id));
        v_count := v_count + 1;
    end loop;
    return v_count;
end
$$;
