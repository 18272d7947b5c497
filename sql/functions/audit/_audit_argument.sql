-- The arguments of a trigger, which the catalog keeps in one value, each ended by a zero byte.
create or replace function freehold._audit_argument(arguments bytea) returns text[]
    language sql stable security invoker
    return (
        select array_agg(convert_from(decode(replace(a.bytes, ' ', ''), 'hex'), getdatabaseencoding()) order by a.n)
        from regexp_split_to_table(regexp_replace(encode(arguments, 'hex'), '(..)', '\1 ', 'g'), '00 ') with ordinality as a (bytes, n));
