create or replace function freehold._ddl_operator_identity(name name, lefttype oid, righttype oid)
returns text
language sql
stable
parallel safe
return format(
    '%s (%s, %s)',
    name,
    case lefttype when 0 then 'none' else format_type(lefttype, null) end,
    case righttype when 0 then 'none' else format_type(righttype, null) end);

comment on function freehold._ddl_operator_identity(name, oid, oid) is 'An operator of the schema as COMMENT calls it.';
