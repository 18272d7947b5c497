-- Refuses to drop a template that tenants or ready-made schemas were built from.
create or replace function freehold._template_unused(name text) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
begin
    select count(*) into v_count from freehold.tenant as t where t.template = _template_unused.name;
    if v_count > 0 then
        raise exception 'template "%" has % tenants', name, v_count
            using errcode = 'FH205', hint = format('select slug from freehold.tenant_list(template => %L);', name);
    end if;
    select count(*) into v_count from freehold.reserve as r where r.template = _template_unused.name;
    if v_count > 0 then
        raise exception 'template "%" has % ready-made schemas', name, v_count
            using errcode = 'FH205', hint = format(
                case when exists (select from freehold.template as t where t.name = _template_unused.name and t.reserve_size > 0)
                     then 'select freehold.reserve_set(%L, 0); has the keeper drop them.'
                     else 'call freehold.reserve_fill(%L, 0); drops them.' end, name);
    end if;
end
$$;
