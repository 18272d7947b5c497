-- Takes back what a transaction left in its session: role, settings, held cursors, LISTEN, sequence values, temporary objects,
-- advisory locks. One call in the message that commits costs half of as many statements, or of a SELECT of the locks alone. It is
-- the pools': psycopg's prepared statements are theirs to keep or to deallocate. A procedure, as only CALL is not planned; a SET
-- clause would bring back the path that RESET ALL has reset.
create or replace procedure freehold._session_clean()
    language plpgsql security invoker
as $$
begin
    reset role;
    reset all;
    execute 'close all; unlisten *';
    discard sequences;
    discard temp;
    if pg_catalog.pg_advisory_unlock_all() is null then
        null;
    end if;
    -- psycopg's statements stay while the tenant does; one that SQL prepared may have the name of one of them.
    perform from pg_catalog.pg_prepared_statements as p where p.from_sql;
    if found then
        raise exception 'a statement is left that SQL has prepared' using errcode = 'FH501';
    end if;
end
$$;
