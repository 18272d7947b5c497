create or replace function freehold._setting_value(name text) returns text
    language sql stable security invoker
    return (select s.value from freehold.setting as s where s.name = _setting_value.name);
