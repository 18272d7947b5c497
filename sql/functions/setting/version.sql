create or replace function freehold.version() returns text
    language sql immutable security invoker
    return '0.1.0';

comment on function freehold.version() is 'The version of freehold whose functions are installed.';
