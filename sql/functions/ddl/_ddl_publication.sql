-- Who may join a publication must own it as well as the table, so the schema's owner cannot run these: they name the schema
-- and are run by _publication_join.
create or replace function freehold._ddl_publication(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'post', 230, 'pg_publication_rel'::regclass::oid, m.oid, 'publication', format('%s in %I', r.name, p.pubname),
        concat(
            format('alter publication %I add table only %s.%s', p.pubname, freehold._ddl_schema(), r.name),
            (
                select format(' (%s)', string_agg(quote_ident(a.attname), ', ' order by u.ordinal))
                from unnest(m.prattrs::smallint[]) with ordinality u (attnum, ordinal)
                join pg_attribute a on a.attrelid = m.prrelid and a.attnum = u.attnum
                having count(*) > 0
            ),
            ' where (' || pg_get_expr(m.prqual, m.prrelid) || ')'
        )
    from freehold._ddl_relation(ns) r
    join pg_publication_rel m on m.prrelid = r.relid
    join pg_publication p on p.oid = m.prpubid
    union all
    select
        'post', 230, 'pg_publication_namespace'::regclass, m.oid, 'publication', format('schema in %I', p.pubname),
        format('alter publication %I add tables in schema %s', p.pubname, freehold._ddl_schema())
    from pg_publication_namespace m
    join pg_publication p on p.oid = m.pnpubid
    where m.pnnspid = ns;
end;

comment on function freehold._ddl_publication(oid) is
'The publications that a schema or single tables of it are members of.';
