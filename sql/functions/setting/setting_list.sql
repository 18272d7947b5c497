-- security definer: the table is the owner's. Touches: setting (read).
create or replace function freehold.setting_list()
    returns table (name text, value text, fixed boolean, description text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select s.name, s.value, s.fixed, s.description from freehold.setting as s order by s.name
$$;

comment on function freehold.setting_list() is 'All settings of this installation; fixed ones were chosen at install.';
