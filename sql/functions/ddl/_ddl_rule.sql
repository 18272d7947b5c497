create or replace function freehold._ddl_rule(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with rule as (
        select w.oid, format('%s.%I', r.name, w.rulename) as identity, r.name as table_name, w.rulename, w.ev_enabled
        from freehold._ddl_relation(ns) r
        join pg_rewrite w on w.ev_class = r.relid
        where w.rulename <> '_RETURN'
    )
    select
        'post', 160, 'pg_rewrite'::regclass::oid, r.oid, 'rule', r.identity, rtrim(pg_get_ruledef(r.oid, true), ';')
    from rule r
    union all
    select
        'post', 161, 'pg_rewrite'::regclass, r.oid, 'rule state', r.identity,
        format(
            'alter table %s %s rule %I', r.table_name,
            case r.ev_enabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end,
            r.rulename
        )
    from rule r
    where r.ev_enabled <> 'O';
end;

comment on function freehold._ddl_rule(oid) is
'The rewrite rules of a schema''s tables and views, and those of them that are disabled or fire always or on replicas.';
