-- security definer: asks the tables for those who may not. Touches: app_user, membership, tenant (read).
create or replace function freehold._member_of(slug text, issuer text, subject text, tenant_ids uuid[]) returns boolean
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from freehold.tenant as t
        where t.slug = _member_of.slug and t.state <> 'erased'
            and (t.id = any (tenant_ids) or exists (
                select from freehold.membership as m
                where m.tenant_id = t.id and m.active and m.user_id = freehold._user_find(null, issuer, subject))))
$$;

comment on function freehold._member_of(text, text, text, uuid[]) is
    'Whether a tenant, active or not, is one of a user''s or one of those that a key is bound to: who may be told of its state.';
