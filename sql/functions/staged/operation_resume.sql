-- Commits after every batch, so it can be neither definer nor carry a SET clause: it qualifies every name, a type's too,
-- and only calls.
create or replace procedure freehold.operation_resume(id bigint)
    language plpgsql security invoker
as $$
declare
    v_operation freehold.operation;
    v_code pg_catalog.text;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    v_operation := freehold.operation_get(id);
    call freehold._outside_transaction('an operation in stages', pg_catalog.format('freehold.operation_step(%s)', id));
    loop
        begin
            v_operation := freehold.operation_step(id);
        exception
            when others then
                get stacked diagnostics v_code = returned_sqlstate, v_message = message_text,
                                        v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                -- Somebody else is at work on it: it has not stopped.
                if v_code operator(pg_catalog.<>) 'FH401' then
                    perform freehold.operation_stop(id, v_code, v_message);
                end if;
        end;
        commit;
        if v_code is not null then
            raise exception using errcode = v_code, message = v_message,
                detail = case when v_detail operator(pg_catalog.<>) '' then v_detail else 'The steps before it are done, and kept.' end,
                hint = case when v_hint operator(pg_catalog.<>) '' then v_hint else pg_catalog.format(
                    case when v_operation.kind operator(pg_catalog.=) any (array['provision', 'clone', 'template_adopt', 'reserve_make'])
                         then 'call freehold.operation_resume(%s); goes on, call freehold.operation_undo(%s); takes it back.'
                         else 'call freehold.operation_resume(%s); goes on.' end, id, id) end;
        end if;
        exit when v_operation.state operator(pg_catalog.<>) 'running';
    end loop;
end
$$;

comment on procedure freehold.operation_resume(bigint) is
    'Goes on with a staged operation that was interrupted or failed, to its end. Call it outside a transaction; it commits after '
    'every batch. Raises what operation_step() raises; the failure is kept on the operation''s row.';
