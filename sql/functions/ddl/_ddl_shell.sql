-- The node's class is 0: a shell is what breaks the circle between a type and its functions, so nothing orders it but its rank.
create or replace function freehold._ddl_shell(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        20,
        0::oid,
        t.oid,
        'shell type'::text,
        quote_ident(t.typname::text),
        format('create type %I', t.typname)
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    where t.typtype in ('b', 'p')
        or (t.typtype = 'r' and exists (select from pg_range r where r.rngtypid = t.oid and r.rngcanonical <> 0));
end;

comment on function freehold._ddl_shell(oid) is
    'Shell types: what the functions of a base type, or the canonical function of a range type, are declared over.';
