create or replace function freehold._repair_name(identity text, part integer) returns text
    language sql immutable security invoker
    return (regexp_match(identity, '^("(?:[^"]|"")+"|[^".]+)\.(.+)$'))[part];

comment on function freehold._repair_name(text, integer) is 'The table (1) or the name (2) of an identity as table.name.';
