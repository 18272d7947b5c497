-- A routine as GRANT and DROP ROUTINE take it, whatever is on the path: a schema may have a type called text.
create or replace function freehold._routine_name(routine oid) returns text
    language sql stable security invoker
begin atomic
    select format('%I.%I(%s)', s.nspname, p.proname, (
        select string_agg(format('%I.%I', n.nspname, t.typname), ', ' order by a.n)
        from unnest(p.proargtypes::oid[]) with ordinality as a (type, n)
        join pg_type as t on t.oid = a.type
        join pg_namespace as n on n.oid = t.typnamespace))
    from pg_proc as p
    join pg_namespace as s on s.oid = p.pronamespace
    where p.oid = routine;
end;
