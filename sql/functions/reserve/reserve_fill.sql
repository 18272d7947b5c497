-- Commits after every batch, so it can be neither definer nor carry a SET clause: it qualifies every name, a type's too,
-- and only calls.
create or replace procedure freehold.reserve_fill(template text default 'default', size integer default 10)
    language plpgsql security invoker
as $$
declare
    v_left integer;
    v_code pg_catalog.text;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    call freehold._outside_transaction('filling the reserve', pg_catalog.format(
        'select freehold.reserve_fill_step(%L, %s) in a transaction each, until it is 0', template, size));
    loop
        begin
            v_left := freehold.reserve_fill_step(template, size);
        exception
            when others then
                get stacked diagnostics v_code = returned_sqlstate, v_message = message_text,
                                        v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                -- What was refused before it began has not stopped what others do.
                if v_code operator(pg_catalog.<>) all (array['FH003', 'FH102', 'FH202', 'FH208']) then
                    perform freehold.operation_stop(o.id, v_code, v_message)
                    from freehold.operation_list(template, 'running') as o
                    where o.kind operator(pg_catalog.=) any (array['reserve_make', 'reserve_drop']);
                end if;
        end;
        commit;
        if v_code is not null then
            raise exception using errcode = v_code, message = v_message, detail = v_detail, hint = v_hint;
        end if;
        exit when v_left operator(pg_catalog.=) 0;
    end loop;
end
$$;

comment on procedure freehold.reserve_fill(text, integer) is
    'Keeps so many ready-made schemas of a template''s current version: drops stale ones, makes what is missing; 0 empties the '
    'reserve. Commits after every batch, so call it outside a transaction. What was stopped on the way the next call goes on with, or '
    'drops where it is stale. Several at once take turns. Raises what reserve_fill_step() raises.';
