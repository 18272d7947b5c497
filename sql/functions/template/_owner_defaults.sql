-- What an owner role makes from now on is not PUBLIC's to execute. Only the global form of this statement has an effect,
-- and it comes after a replay, which starts from PostgreSQL's own defaults.
create or replace function freehold._owner_defaults() returns text
    language sql immutable security invoker
    return 'alter default privileges revoke execute on functions from public';
