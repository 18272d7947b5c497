create or replace function freehold._ddl_cast(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        35,
        'pg_cast'::regclass::oid,
        c.oid,
        'cast'::text,
        format('(%s as %s)', format_type(c.castsource, null), format_type(c.casttarget, null)),
        format('create cast (%s as %s) ', format_type(c.castsource, null), format_type(c.casttarget, null))
        || case c.castmethod
            when 'f' then 'with function ' || c.castfunc::regprocedure::text
            when 'i' then 'with inout'
            else 'without function'
        end
        || case c.castcontext when 'a' then ' as assignment' when 'i' then ' as implicit' else '' end
    from freehold._schema_cast(ns) o (oid)
    join pg_cast c on c.oid = o.oid;
end;

comment on function freehold._ddl_cast(oid) is 'Casts from or to the schema''s types.';
