-- The same as _home_lock(), without a lock and in any state.
create or replace function freehold._home_get(home text) returns freehold.tenant
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_template freehold.template;
begin
    if home not like '@%' or home is null then
        return freehold.tenant_get(home);
    end if;
    select * into v_template from freehold.template as t where t.name = substr(home, 2);
    if not found then
        raise exception 'no template is called %', quote_literal(substr(home, 2))
            using errcode = 'FH102', hint = 'select * from freehold.template_list(); shows them.';
    end if;
    return freehold._template_home(v_template);
end
$$;
