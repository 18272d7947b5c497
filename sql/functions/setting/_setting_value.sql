-- With a SET clause no planner reads its body to inline it, in vain as that reads a table: most statements here are planned anew.
create or replace function freehold._setting_value(name text) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    select s.value from freehold.setting as s where s.name = _setting_value.name;
end;
