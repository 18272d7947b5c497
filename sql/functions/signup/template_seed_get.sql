-- security definer: the table is the owner's. Touches: template_seed, template (read).
create or replace function freehold.template_seed_get(template text) returns text
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._template_known(template);
    return (select s.script from freehold.template_seed as s where s.template = template_seed_get.template);
end
$$;

comment on function freehold.template_seed_get(text) is
    'The script that a sign-up runs in its new tenant, as template_seed_set() was given it; null where there is none. Raises FH102 for '
    'an unknown template.';
