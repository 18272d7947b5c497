-- The setting is made by _schema_ddl before any part is deparsed; empty in all but pathological schemas.
create or replace function freehold._ddl_apart(classid oid, objid oid)
returns boolean
language sql
stable
parallel restricted
return coalesce(position(format(' %s.%s ', classid, objid) in current_setting('freehold.ddl_apart', true)) > 0, false);

comment on function freehold._ddl_apart(oid, oid) is
    'Whether a column default or check constraint must be a statement of its own after its table or domain, '
    'since it needs something that itself needs that table or domain.';
