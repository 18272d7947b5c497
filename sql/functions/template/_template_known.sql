-- Refuses a name that is no template's. Touches: template (read).
create or replace function freehold._template_known(name text) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from freehold.template as t where t.name = _template_known.name) then
        raise exception 'no template is called %', coalesce(quote_literal(left(name, 80)), 'null')
            using errcode = 'FH102', hint = 'select * from freehold.template_list(); shows them.';
    end if;
end
$$;
