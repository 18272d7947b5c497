-- Refuses what cannot be a user.
create or replace function freehold._user_check(issuer text, subject text, email text, display_name text) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if (octet_length(issuer) between 1 and 500 and octet_length(subject) between 1 and 255) is not true then
        raise exception 'a user has an issuer and a subject'
            using errcode = 'FH003', detail = 'At most 500 and 255 bytes: iss and sub of his tokens.';
    end if;
    if email !~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' or octet_length(email) > 320 or octet_length(display_name) > 500 then
        raise exception 'the e-mail or the name is not one'
            using errcode = 'FH003', detail = 'An e-mail has one @ and at most 320 bytes, a name at most 500.';
    end if;
end
$$;
