create or replace function freehold._ddl_trigger(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with trigger as (
        select
            t.oid, format('%s.%I', r.name, t.tgname) as identity, r.name as table_name, r.relkind, t.tgname, t.tgparentid,
            t.tgenabled
        from freehold._ddl_relation(ns) r
        join pg_trigger t on t.tgrelid = r.relid
        join pg_proc p on p.oid = t.tgfoid
        -- those of the audit: _ddl_audit
        where not t.tgisinternal and p.pronamespace <> 'freehold_audit'::regnamespace
    )
    select
        'post', 170, 'pg_trigger'::regclass::oid, t.oid, 'trigger', t.identity, pg_get_triggerdef(t.oid, true)
    from trigger t
    -- partitions get theirs from the parent
    where t.tgparentid = 0
    union all
    select
        'post', 172, 'pg_trigger'::regclass, t.oid, 'trigger state', t.identity,
        format(
            'alter %s only %s %s trigger %I',
            case t.relkind when 'f' then 'foreign table' else 'table' end, t.table_name,
            case t.tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end,
            t.tgname
        )
    from trigger t
    where t.tgenabled <> 'O';
end;

comment on function freehold._ddl_trigger(oid) is
'The triggers of a schema, and on each table or partition those that do not fire in the ordinary way.';
