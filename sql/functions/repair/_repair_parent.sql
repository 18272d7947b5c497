create or replace function freehold._repair_parent(target text) returns text
    language sql immutable security invoker
    return case when target like 'column %' then 'relation ' || freehold._repair_name(substr(target, length('column ') + 1), 1) end;

comment on function freehold._repair_parent(text) is 'The relation of a column; null of all else.';
