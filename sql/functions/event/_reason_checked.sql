-- A reason as it was given, where it is not too long: it stands in operation log, events, certificates and what is told of them.
create or replace function freehold._reason_checked(reason text) returns text
    language plpgsql immutable strict security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if octet_length(reason) > 2000 then
        raise exception 'the reason is too long'
            using errcode = 'FH003', detail = format('It has %s bytes, and may have 2000.', octet_length(reason)),
                  hint = 'Say it in short, and where the rest is: a ticket, a document.';
    end if;
    return reason;
end
$$;
