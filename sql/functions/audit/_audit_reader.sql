-- The home whose log this session's tenant may read: its own, once audit_open() said so. Row images hold what its roles might not see
-- in the table, so it is not theirs by itself. Of another's name nobody learns here whether there is such a home.
create or replace function freehold._audit_reader(home text) returns freehold.tenant
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._role_tenant(freehold._role_acting());
begin
    if v_tenant.slug is distinct from home or v_tenant.slug is null
        or not exists (select from freehold.audit_log as l where l.home_id = v_tenant.id and l.tenant_reads)
    then
        raise exception 'role "%" may not read this audit', freehold._role_acting()
            using errcode = 'FH303', hint = 'As an administrator: select freehold.audit_open(...) lets a tenant''s roles read its own.';
    end if;
    return v_tenant;
end
$$;
