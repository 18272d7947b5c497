create or replace function freehold._template_version(name text) returns integer
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_template freehold.template;
begin
    select * into v_template from freehold.template as t where t.name = _template_version.name;
    -- First: a claim, which every statement makes dearer, passes through here.
    if v_template.state = 'ready' and v_template.version is not null then
        return v_template.version;
    end if;
    if v_template.name is null then
        raise exception 'no template is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH102', hint = 'select * from freehold.template_list(); shows them.';
    end if;
    perform freehold._template_ready(v_template);
    raise exception 'template "%" was never frozen', name
        using errcode = 'FH208', hint = format('select freehold.template_freeze(%L); makes its first version.', name);
end
$$;
