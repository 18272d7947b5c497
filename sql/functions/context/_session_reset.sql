-- Takes back what a transaction left in its session, once the role is reset: settings, held cursors, LISTEN, sequence values,
-- temporary objects, advisory locks. One call in the message that commits costs half of as many statements. Prepared statements are the
-- pools' to deallocate or to keep, by _session_clean(). A procedure, as only CALL is not planned; a SET clause would bring back the path
-- that RESET ALL has reset.
create or replace procedure freehold._session_reset()
    language plpgsql security invoker
as $$
begin
    reset all;
    execute 'close all; unlisten *';
    discard sequences;
    discard temp;
    if pg_catalog.pg_advisory_unlock_all() is null then
        null;
    end if;
end
$$;
