-- security definer: the owner role may use every tenant's and template's schema, an administrator none. Touches: catalogs
-- only.
create or replace function freehold.schema_diff(a regnamespace, b regnamespace)
returns table (change text, kind text, identity text, a_ddl text, b_ddl text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
begin atomic
    select
        case when y.ddl is null then 'missing' when x.ddl is null then 'extra' else 'different' end,
        coalesce(x.kind, y.kind),
        freehold._ddl_readable(coalesce(x.identity, y.identity), a),
        freehold._ddl_readable(x.ddl, a),
        freehold._ddl_readable(y.ddl, b)
    from (
        select d.kind, d.identity, string_agg(d.ddl, E';\n' order by d.ordinal) as ddl
        from freehold._ddl_normal(a) d
        where d.phase <> 'data'
        group by d.kind, d.identity
    ) x
    full join (
        select d.kind, d.identity, string_agg(d.ddl, E';\n' order by d.ordinal) as ddl
        from freehold._ddl_normal(b) d
        where d.phase <> 'data'
        group by d.kind, d.identity
    ) y on y.kind = x.kind and y.identity = x.identity
    where x.ddl is distinct from y.ddl
    order by 2, 3;
end;

comment on function freehold.schema_diff(regnamespace, regnamespace) is
    'What differs between two schemas, rows aside: missing from b, extra in b, or different, with both statements. No row '
    'means that they are alike.';
