-- security definer: the table is the owner's. Touches: setting (read).
create or replace function freehold.setting_get(name text) returns text
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_value text := freehold._setting_value(setting_get.name);
begin
    if v_value is null then
        raise exception 'no setting is called "%"', name
            using errcode = 'FH105', hint = 'select * from freehold.setting_list() shows them all.';
    end if;
    return v_value;
end
$$;

comment on function freehold.setting_get(text) is 'The value of a setting. Raises FH105 for an unknown name.';
