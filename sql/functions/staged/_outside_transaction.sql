-- Refuses to begin what commits by batch where it could not: inside a transaction. With a handler around them COMMIT and
-- ROLLBACK always fail, each with a message of its own, but with one and the same where a transaction is open; so the comparison
-- holds in every language. It commits nothing itself, yet only a procedure may ask.
create or replace procedure freehold._outside_transaction(what text, step text)
    language plpgsql security invoker
as $$
declare
    v_commit pg_catalog.text;
    v_rollback pg_catalog.text;
begin
    begin
        commit;
    exception
        when invalid_transaction_termination then
            v_commit := sqlerrm;
    end;
    begin
        rollback;
    exception
        when invalid_transaction_termination then
            v_rollback := sqlerrm;
    end;
    if v_commit operator(pg_catalog.=) v_rollback then
        raise exception 'a transaction is open, and % commits by batch', what
            using errcode = 'FH007', detail = 'Nothing was changed.',
                  hint = case when step operator(pg_catalog.~~) 'select %'
                              then pg_catalog.format('Call it outside a transaction, or %s.', step)
                              else pg_catalog.format('Call it outside a transaction, or select state from %s in a transaction '
                                                     'each, until it is no longer running.', step) end;
    end if;
end
$$;
