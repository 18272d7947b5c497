-- _session_reset() where psycopg's prepared statements stay, as the tenant does: one that SQL prepared may have the name of one of them.
-- To look costs half of what all else does, so it is another procedure.
create or replace procedure freehold._session_clean()
    language plpgsql security invoker
as $$
begin
    call freehold._session_reset();
    perform from pg_catalog.pg_prepared_statement() as p where p.from_sql;
    if found then
        raise exception 'a statement is left that SQL has prepared' using errcode = 'FH501';
    end if;
end
$$;
