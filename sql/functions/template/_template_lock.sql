-- The row of a template, locked. Shared among those that only build from it; unfinished for what makes or drops it in stages.
create or replace function freehold._template_lock(name text, shared boolean default false, unfinished boolean default false)
    returns freehold.template
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_template freehold.template;
begin
    if shared then
        select * into v_template from freehold.template as t where t.name = _template_lock.name for share;
    else
        select * into v_template from freehold.template as t where t.name = _template_lock.name for update;
    end if;
    if not found then
        raise exception 'no template is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH102', hint = 'select * from freehold.template_list(); shows them.';
    end if;
    if not unfinished then
        perform freehold._template_ready(v_template);
    end if;
    return v_template;
exception
    when lock_not_available then
        raise exception 'template "%" is busy', name
            using errcode = 'FH401', detail = 'Another operation holds it.', hint = 'Try again.';
end
$$;
