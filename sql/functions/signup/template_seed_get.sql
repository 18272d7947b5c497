-- security definer: the table is the owner's. Touches: template_seed, template (read).
create or replace function freehold.template_seed_get(template text) returns text
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from freehold.template as t where t.name = template_seed_get.template) then
        raise exception 'no template is called %', coalesce(quote_literal(template), 'null')
            using errcode = 'FH102', hint = 'select * from freehold.template_list(); shows them.';
    end if;
    return (select s.script from freehold.template_seed as s where s.template = template_seed_get.template);
end
$$;

comment on function freehold.template_seed_get(text) is
    'The script that a sign-up runs in its new tenant, as template_seed_set() was given it; null where there is none. Raises FH102 for '
    'an unknown template.';
