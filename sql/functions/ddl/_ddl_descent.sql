-- Found once for a whole call (_ddl_descent_find) and handed on in a setting; parents come out as the path has them.
create or replace function freehold._ddl_descent(ns oid)
returns table (relid oid, parents text[], form text, shape text)
language sql
stable
begin atomic
    select
        d.relid,
        array(select p.parent::regclass::text from unnest(d.parents) with ordinality p (parent, number) order by p.number),
        d.form,
        d.shape
    from jsonb_to_recordset(coalesce(nullif(current_setting('freehold.ddl_descent', true), ''), '[]')::jsonb)
        as d (relid oid, parents oid[], form text, shape text);
end;

comment on function freehold._ddl_descent(oid) is
    'What _ddl_descent_find found for the schema that is being deparsed.';
