-- Refuses whoever may not read a home's log: an administrator may, and the tenant's own roles once audit_open() said so. Row images
-- hold what those roles might not see in the table, so it is not theirs by itself. What a caller may is asked of its role.
create or replace function freehold._audit_reader(home freehold.tenant) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_acting constant name := freehold._role_acting();
    v_tenant constant freehold.tenant := freehold._role_tenant(v_acting);
begin
    if v_tenant.id = home.id and (select l.tenant_reads from freehold.audit_log as l where l.home_id = home.id) then
        return;
    end if;
    if v_tenant.id is not null
        or not (pg_has_role(v_acting, freehold._role('admin'), 'usage') or pg_has_role(v_acting, freehold._role('owner'), 'usage'))
    then
        raise exception 'role "%" may not read this audit', v_acting
            using errcode = 'FH303', hint = 'As an administrator: select freehold.audit_open(...) lets a tenant''s roles read its own.';
    end if;
    if not exists (select from freehold.audit_log as l where l.home_id = home.id) then
        raise exception '"%" is not audited', home.slug
            using errcode = 'FH202', hint = format('select freehold.audit_enable(%L, ''...'');', home.slug);
    end if;
end
$$;
