-- Commits after every step, so it can be neither definer nor carry a SET clause: it qualifies every name, a type's too,
-- and only calls.
create or replace procedure freehold.tenant_erase(slug text, reason text)
    language plpgsql security invoker
as $$
declare
    v_operation freehold.operation;
    v_code pg_catalog.text;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    -- That it cannot be erased at all is said before how to call it.
    if (freehold.tenant_get(slug)).state operator(pg_catalog.<>) all (array['retired', 'erasing']) then
        perform freehold.tenant_erase_step(slug, reason);
    end if;
    call freehold._outside_transaction('erasing a tenant', pg_catalog.format('freehold.tenant_erase_step(%L, %L)', slug, reason));
    begin
        v_operation := freehold.tenant_erase_step(slug, reason);
    exception
        when others then
            get stacked diagnostics v_code = returned_sqlstate, v_message = message_text,
                                    v_detail = pg_exception_detail, v_hint = pg_exception_hint;
            perform freehold.operation_failed('erase', slug, v_code, v_message);
            if v_code operator(pg_catalog.=) 'FH221' then
                perform freehold.erasure_request(slug, reason);
            end if;
    end;
    commit;
    if v_code is not null then
        raise exception using errcode = v_code, message = v_message,
            detail = case when v_detail operator(pg_catalog.<>) '' then v_detail else 'The call that failed changed nothing.' end,
            hint = case when v_hint operator(pg_catalog.<>) '' then v_hint
                        else pg_catalog.format('select * from freehold.operation_list(%L) tells more.', slug) end;
    end if;
    if v_operation.state operator(pg_catalog.=) 'running' then
        call freehold.operation_resume(v_operation.id);
        v_operation := freehold.operation_get(v_operation.id);
    end if;
    raise notice 'tenant "%" is erased', slug
        using detail = pg_catalog.format('Objects: %s. Left over: %s.',
                                         v_operation.detail operator(pg_catalog.->>) 'inventory',
                                         v_operation.detail operator(pg_catalog.->>) 'residue');
end
$$;

comment on procedure freehold.tenant_erase(text, text) is
    'Erases a retired tenant whose grace is over: objects, schema, roles, memberships, registry data; in batches that the lock '
    'table takes, each committed, so call it outside a transaction. Stopped at any point it is called again and goes on. The '
    'reason is kept in the operation log, and asked for; under a legal hold the request is recorded. '
    'Raises FH003 without a reason, FH007 in a transaction, and what tenant_erase_step() raises; the failure is kept on an '
    'operation''s row.';
