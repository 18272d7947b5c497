-- A salted hash of what was asked for; the salt stands before it.
create or replace function freehold._signup_digest(salt bytea, arguments jsonb) returns bytea
    language sql immutable security invoker
    return salt || sha256(salt || convert_to(arguments::text, 'utf8'));
