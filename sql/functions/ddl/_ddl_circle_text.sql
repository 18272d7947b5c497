create or replace function freehold._ddl_circle_text(circle jsonb)
returns text
language sql
stable
return (
    select string_agg(pg_describe_object((c.pair ->> 0)::oid, (c.pair ->> 1)::oid, 0), ', ' order by c.pair)
    from jsonb_array_elements(circle) c (pair));

comment on function freehold._ddl_circle_text(jsonb) is 'The objects of a circle, by name.';
