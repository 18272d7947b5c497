-- Refuses what a member does to others when he lacks the permission for it, or when a role is concerned that permits more than his
-- own. Of null, an operator, nothing is asked, but who may only act for members has to say for whom. Who changes something holds the
-- tenant's row, so that nothing of it changes until the end of the transaction.
create or replace function freehold._member_may(tenant freehold.tenant, by_user uuid, permission text, given text[]) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_held text[];
begin
    if by_user is null then
        if freehold._role_acting() = freehold._role('member') then
            raise exception 'say for which member it is done'
                using errcode = 'FH306', detail = format('Role "%s" does nothing of its own: by_user.', freehold._role('member'));
        end if;
        return;
    end if;
    v_held := freehold._permissions_held(tenant.id, by_user);
    if not freehold._permissions_within(array[permission], v_held) then
        raise exception 'user % may not do that in tenant "%"', by_user, tenant.slug
            using errcode = 'FH306', detail = format('It takes the permission %s.', permission);
    end if;
    if not freehold._permissions_within(given, v_held) then
        raise exception 'user % may not do that in tenant "%"', by_user, tenant.slug
            using errcode = 'FH306', detail = 'The role permits more than his own.';
    end if;
end
$$;
