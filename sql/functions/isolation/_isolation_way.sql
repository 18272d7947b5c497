create or replace function freehold._isolation_way(grantee oid, via name) returns text
    language sql immutable security invoker
    return case when via is not null then format('membership in %I', via) when grantee = 0 then 'PUBLIC' else 'direct grant' end;
