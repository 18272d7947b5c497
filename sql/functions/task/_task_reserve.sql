-- The task reserve: one step of filling the reserve of a template that has not what reserve_set() said. One template that cannot does
-- not keep the others; its error is the operation's that it stopped and, once nothing else is left to do, the task's. Touches: template
-- (one row, locked), reserve, operation.
create or replace function freehold._task_reserve() returns integer
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_template record;
    v_code text;
    v_message text;
    v_detail text;
begin
    for v_template in
        select t.name, t.reserve_size as size, h.had, h.finished
        from freehold.template as t
        cross join lateral (
            select count(*) filter (where r.version = t.version and r.operation_id is null) as ready, count(*) as had,
                   count(*) filter (where r.operation_id is null) as finished
            from freehold.reserve as r
            where r.template = t.name) as h
        where t.reserve_size is not null and t.version is not null and t.state = 'ready'
            and (h.ready <> t.reserve_size or h.had <> h.ready)
        order by t.name
    loop
        begin
            -- Where another session fills it there is nothing to be done here.
            perform from freehold.template as t where t.name = v_template.name for update skip locked;
            continue when not found;
            if freehold.reserve_fill_step(v_template.name, v_template.size) > 0 then
                return 1;
            end if;
            -- That was the last step, or nothing could be done.
            if (select count(*) <> v_template.had or count(*) filter (where r.operation_id is null) <> v_template.finished
                from freehold.reserve as r where r.template = v_template.name)
            then
                return 1;
            end if;
        exception
            when others then
                get stacked diagnostics v_code = returned_sqlstate, v_message = message_text, v_detail = pg_exception_detail;
                -- To raise would take that back: the next run finds it stopped.
                if (select (freehold.operation_stop(r.operation_id, v_code, v_message)).id is not null
                    from freehold.reserve as r where r.template = v_template.name and r.operation_id is not null)
                then
                    return 1;
                end if;
        end;
    end loop;
    if v_code is not null then
        raise using errcode = v_code, message = v_message, detail = v_detail;
    end if;
    return 0;
end
$$;
