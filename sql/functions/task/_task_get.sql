create or replace function freehold._task_get(name text) returns freehold.task
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_task freehold.task;
begin
    select * into v_task from freehold.task as t where t.name = _task_get.name;
    if not found then
        raise exception 'no task is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH161', hint = 'select * from freehold.task_list(); shows them.';
    end if;
    return v_task;
end
$$;
