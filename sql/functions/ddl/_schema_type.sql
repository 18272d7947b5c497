-- Row types, arrays and multiranges have no entry of their own under the schema: they hang on what they were made for.
create or replace function freehold._schema_type(ns oid)
returns table (oid oid, classid oid, objid oid)
language sql
stable
parallel safe
begin atomic
    select u.oid, m.classid, m.objid
    from (
        select 'pg_type'::regclass::oid, o.oid, o.oid, r.rngmultitypid
        from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
        left join pg_range r on r.rngtypid = o.oid
        union all
        select 'pg_class'::regclass::oid, c.oid, c.reltype, 0::oid
        from freehold._ddl_own(ns, 'pg_class'::regclass) o (oid)
        join pg_class c on c.oid = o.oid
        where c.reltype <> 0
    ) m (classid, objid, typid, multitypid)
    join lateral (
        select t.oid from pg_type t where t.oid = m.typid
        union all
        select t.typarray from pg_type t where t.oid = m.typid and t.typarray <> 0
        union all
        select t.oid from pg_type t where t.oid = m.multitypid
        union all
        select t.typarray from pg_type t where t.oid = m.multitypid and t.typarray <> 0
    ) u (oid) on true;
end;

comment on function freehold._schema_type(oid) is
    'Every type that the schema''s types and relations bring, with the object it belongs to.';
