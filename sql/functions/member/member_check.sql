-- security definer: asks the tables for those who may not. Touches: app_user, membership, tenant (read).
create or replace function freehold.member_check(
    tenant_id uuid,
    user_id uuid default null,
    issuer text default null,
    subject text default null
) returns uuid
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user constant uuid := freehold._user_find(user_id, issuer, subject);
begin
    return (
        select m.user_id
        from freehold.membership as m
        join freehold.tenant as t on t.id = m.tenant_id and t.state = 'active'
        where m.user_id = v_user and m.tenant_id = member_check.tenant_id and m.active);
end
$$;

comment on function freehold.member_check(uuid, uuid, text, text) is
    'The id of a user who is an active member of an active tenant, and null for everybody else. He is named by id, or by issuer and '
    'subject of his token; the tenant by its id, which no other tenant ever has.';
