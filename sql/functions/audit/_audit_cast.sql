-- Whether a table has a type, at any depth, that the schema itself made a cast to JSON for: what is recorded is what that cast says.
create or replace function freehold._audit_cast(relation oid) returns boolean
    language sql stable security invoker
begin atomic
    with recursive part (type) as (
        select a.atttypid from pg_attribute as a
        where a.attrelid = _audit_cast.relation and a.attnum > 0 and not a.attisdropped and a.atttypid >= 16384
        union
        select n.type
        from part as p
        join pg_type as t on t.oid = p.type
        cross join lateral (
            select t.typelem as type
            union all
            select t.typbasetype
            union all
            select a.atttypid from pg_attribute as a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as n
        where n.type >= 16384
    )
    select exists (
        select
        from part as p
        join pg_cast as k on k.castsource = p.type and k.casttarget = 'json'::regtype
        join pg_proc as f on f.oid = k.castfunc
        join pg_class as c on c.oid = _audit_cast.relation and c.relnamespace = f.pronamespace);
end;
