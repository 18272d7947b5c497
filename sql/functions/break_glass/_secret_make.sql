-- A password that nobody can guess: 244 random bits in 64 characters.
create or replace function freehold._secret_make() returns text
    language sql volatile security invoker
    return replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
