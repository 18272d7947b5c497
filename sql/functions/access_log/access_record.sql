-- security definer: the table is the owner's. Touches: access_log (one row), tenant (read). Those who act for tenants may call it,
-- as they write of themselves; a tenant's own login writes of its tenant only. The commit of a row about what has ended does not wait
-- for the disk; one about what was entered is written by the transaction that it is about, which must not lose its rows.
create or replace function freehold.access_record(
    tenant_id uuid, actor text, access text, path text default 'sql', duration interval default null, committed boolean default null,
    purpose text default null, request_id text default null
) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_own constant uuid := (freehold._role_tenant(session_user)).id;
begin
    if v_own <> tenant_id then
        raise exception 'login "%" is another tenant''s', session_user using errcode = 'FH305';
    end if;
    if octet_length(actor) > 200 or octet_length(purpose) > 200 or octet_length(request_id) > 200 then
        raise exception 'actor, purpose and request id are named in 200 bytes at most' using errcode = 'FH005';
    end if;
    -- A row from the future would be the first that access_purge() finds, and could not take.
    if duration not between interval '0' and interval '1 year' then
        raise exception 'a duration is between nothing and a year' using errcode = 'FH003';
    end if;
    insert into freehold.access_log (at, tenant_id, slug, actor, path, access, committed, duration, purpose, request_id)
    select freehold._now() - coalesce(access_record.duration, '0'), t.id, t.slug,
           coalesce(case when session_user like '%\_bg\_%' then freehold._break_glass_person(session_user) end,
                    nullif(access_record.actor, ''), session_user),
           access_record.path, access_record.access, access_record.committed, access_record.duration, access_record.purpose,
           access_record.request_id
    from freehold.tenant as t
    where t.id = access_record.tenant_id and t.state <> 'erased';
    if duration is not null then
        perform set_config('synchronous_commit', 'off', true);
    end if;
end
$$;

comment on function freehold.access_record(uuid, text, text, text, interval, boolean, text, text) is
    'Writes a row of the access log: that a transaction of a tenant''s has ended, or, without a duration, that it was entered. Pools '
    'send it with the message that ends a transaction, tenant_enter() calls it. Raises FH305 for another tenant than the login''s '
    'own, FH005 for names of more than 200 bytes, FH003 for a duration out of range.';
