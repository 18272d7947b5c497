create or replace function freehold._role(suffix text) returns name
    language sql stable security invoker
    return (select s.value || '_' || suffix from freehold.setting as s where s.name = 'role_prefix');
