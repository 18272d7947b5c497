-- A home that has a log. Raises FH101 and FH102 for an unknown one, FH202 for one without a log.
create or replace function freehold._audit_home_get(home text) returns freehold.tenant
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
begin
    if not exists (select from freehold.audit_log as l where l.home_id = v_home.id) then
        raise exception '"%" is not audited', home
            using errcode = 'FH202', hint = format('select freehold.audit_enable(%L, ''...'');', home);
    end if;
    return v_home;
end
$$;
