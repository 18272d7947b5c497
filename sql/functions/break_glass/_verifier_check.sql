-- A password would stand in the server's log; a SCRAM verifier is what the server keeps of it. What it cannot read as one it would
-- take for a password.
create or replace function freehold._verifier_check(verifier text) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if verifier !~ ('^SCRAM-SHA-256\$[1-9]\d{0,8}:(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)'
                     '\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$') then
        raise exception 'this is no SCRAM verifier'
            using errcode = 'FH003', detail = 'A password as such is not taken: statements end up in logs.',
                  hint = 'Leave it out and type \password in psql, or let the client compute it (libpq: PQencryptPasswordConn()).';
    end if;
end
$$;
