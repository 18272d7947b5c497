create or replace function freehold._ddl_statistics(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with statistics as (
        select s.oid, quote_ident(s.stxname) as name, s.stxrelid, s.stxkind, s.stxkeys, s.stxstattarget, s.stxexprs
        from pg_depend d
        join pg_statistic_ext s on s.oid = d.objid
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns
          -- not indexable on purpose, or all statistics of the database are read
          and d.classid::bigint = 'pg_statistic_ext'::regclass::oid::bigint and d.deptype = 'n'
    )
    select
        'post', 120, 'pg_statistic_ext'::regclass::oid, s.oid, 'statistics', s.name,
        concat(
            'create statistics ', s.name,
            -- all three is the default, and one expression alone takes none
            ' ('
            || (
                select string_agg(k.word, ', ' order by k.word)
                from (values ('d', 'ndistinct'), ('f', 'dependencies'), ('m', 'mcv')) k (kind, word)
                where k.kind = any (s.stxkind::text[])
                having count(*) < 3
            )
            || ')',
            ' on ', pg_get_statisticsobjdef_columns(s.oid), ' from ', s.stxrelid::regclass
        )
    from statistics s
    union all
    select
        'post', 121, 'pg_statistic_ext'::regclass, s.oid, 'statistics target', s.name,
        format('alter statistics %s set statistics %s', s.name, s.stxstattarget)
    from statistics s
    where s.stxstattarget >= 0;
end;

comment on function freehold._ddl_statistics(oid) is
'The extended statistics of a schema and their targets.';
