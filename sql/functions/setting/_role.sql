-- With a SET clause no planner reads its body to inline it, in vain as that reads a table: most statements here are planned anew.
create or replace function freehold._role(suffix text) returns name
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    select s.value || '_' || suffix from freehold.setting as s where s.name = 'role_prefix';
end;
