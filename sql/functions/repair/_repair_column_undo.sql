create or replace function freehold._repair_column_undo(ns oid, identity text, ddl text) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_column constant text := freehold._repair_name(identity, 2);
    v_lead constant text := left(ddl, strpos(ddl, ' alter column ') - 1);
    v_action text;
    v_undo text[] := '{}'::text[];
begin
    foreach v_action in array freehold._repair_split(
        substr(ddl, length(v_lead) + 1 + length(' alter column ' || v_column || ' ')), ', alter column ' || v_column || ' ') loop
        v_undo := v_undo || case
            when v_action = 'drop not null' then 'set not null'
            when v_action = 'set not null' then 'drop not null'
            when v_action like 'set storage %' then 'set storage ' || (
                select case t.typstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end
                from pg_attribute as a
                join pg_class as c on c.oid = a.attrelid
                join pg_type as t on t.oid = a.atttypid
                where c.relnamespace = ns and quote_ident(c.relname) = freehold._repair_name(identity, 1)
                    and quote_ident(a.attname) = v_column and not a.attisdropped)
            when v_action like 'set compression %' then 'set compression default'
            when v_action like 'set statistics %' then 'set statistics -1'
            when v_action like 'set (%' then format('reset (%s)', (
                select string_agg(split_part(o.item, ' = ', 1), ', ')
                from unnest(freehold._repair_split(rtrim(substr(v_action, 6), ')'))) as o (item)))
        end;
    end loop;
    return concat(v_lead, (select string_agg(format(' alter column %s %s', v_column, u.undo), ',' order by u.n)
                           from unnest(v_undo) with ordinality as u (undo, n)));
end
$$;

comment on function freehold._repair_column_undo(oid, text, text) is
    'Takes back what a column has beyond CREATE TABLE: storage, compression, statistics target, options.';
