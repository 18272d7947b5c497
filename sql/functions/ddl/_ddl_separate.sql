-- Found once for a whole call (_ddl_separate_find) and handed on in a setting, as class.object.relation.
create or replace function freehold._ddl_separate(ns oid)
returns table (classid oid, objid oid, relid oid)
language sql
stable
begin atomic
    select split_part(s.item, '.', 1)::oid, split_part(s.item, '.', 2)::oid, split_part(s.item, '.', 3)::oid
    from string_to_table(nullif(current_setting('freehold.ddl_separate', true), ''), ' ') s (item);
end;

comment on function freehold._ddl_separate(oid) is
    'What _ddl_separate_find found for the schema that is being deparsed.';
