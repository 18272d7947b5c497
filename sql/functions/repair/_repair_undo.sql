create or replace function freehold._repair_undo(ns oid, kind text, identity text, ddl text) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_table constant text := freehold._repair_name(identity, 1);
    v_name constant text := freehold._repair_name(identity, 2);
begin
    return case
        when kind in ('table', 'foreign table', 'view', 'materialized view', 'sequence', 'index', 'statistics', 'function',
                      'procedure', 'aggregate', 'type', 'domain', 'collation', 'conversion', 'operator', 'operator class',
                      'operator family', 'cast', 'text search configuration', 'text search dictionary')
            then format('drop %s if exists %s', kind, identity)
        when kind in ('check', 'not null', 'primary key', 'unique', 'exclusion', 'foreign key')
            then format('alter table %s drop constraint if exists %s', v_table, v_name)
        when kind = 'domain check' then format('alter domain %s drop constraint if exists %s', v_table, v_name)
        when kind in ('trigger', 'policy', 'rule') then format('drop %s if exists %s on %s', kind, v_name, v_table)
        when kind = 'trigger state' then format('alter table only %s enable trigger %s', v_table, v_name)
        when kind = 'rule state' then format('alter table %s enable rule %s', v_table, v_name)
        when kind = 'partition' then regexp_replace(ddl, '^alter table only (.*) attach partition .*$',
                                                    format('alter table \1 detach partition %s', replace(identity, '\', '\\')))
        when kind = 'inheritance' then replace(ddl, ' inherit ', ' no inherit ')
        when kind = 'column' then freehold._repair_column_undo(ns, identity, ddl)
        when kind = 'default' and ddl not like '% drop default'
            then format('alter table only %s alter column %s drop default', v_table, v_name)
        when kind = 'view default' then format('alter view %s alter column %s drop default', v_table, v_name)
        when kind = 'sequence owner' then format('alter sequence %s owned by none', identity)
        when kind = 'sequence persistence' then format('alter sequence %s set %s', identity,
                                                       case when ddl like '% unlogged' then 'logged' else 'unlogged' end)
        when kind = 'index column' then regexp_replace(ddl, '-?\d+$', '-1')
        when kind = 'statistics target' then format('alter statistics %s set statistics -1', identity)
        when kind = 'replica identity' then format('alter table only %s replica identity default', identity)
        when kind = 'cluster' then format('alter table %s set without cluster', identity)
        when kind = 'row security'
            then format('alter table %s disable row level security, no force row level security', identity)
        when kind = 'comment' then format('comment on %s is null', identity)
        when kind = 'audit' then format('select freehold.audit_disable(%L)', identity)
        when kind = 'materialized view rows' then format('refresh materialized view %s with no data', identity)
        when kind in ('acl', 'default privileges') then freehold._repair_acl_undo(ddl)
        when kind = 'text search mapping' then regexp_replace(ddl, '^(.*) add mapping for (\S+) with .*$', '\1 drop mapping for \2')
    end;
end
$$;

comment on function freehold._repair_undo(oid, text, text, text) is
    'The statement that removes what a row of the deparser makes; null where there is none.';
