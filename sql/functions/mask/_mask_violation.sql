-- The masked columns that a constraint is about which the copy of a tenant broke, with their rules; null for a copy that is not masked.
create or replace function freehold._mask_violation(
    copy freehold.tenant, broken_table text, broken_constraint text, broken_column text, broken_type text
) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_detail jsonb;
    v_source freehold.tenant;
    v_table oid;
    v_columns smallint[];
begin
    select o.detail into v_detail
    from freehold.operation as o
    where o.tenant_id = copy.id and o.kind = 'clone' and o.state in ('running', 'failed')
    order by o.id desc
    limit 1;
    if not coalesce((v_detail ->> 'mask')::boolean, false) or broken_table || broken_type = '' then
        return null;
    end if;
    select * into v_source from freehold.tenant as t where t.id = (v_detail ->> 'source_id')::uuid;
    v_table := (select c.oid from pg_class as c
                where c.relnamespace = to_regnamespace(quote_ident(v_source.schema_name)) and c.relname = broken_table);
    v_columns := coalesce(
        (select k.conkey from pg_constraint as k where k.conrelid = v_table and k.conname = broken_constraint),
        (select x.indkey::smallint[] from pg_index as x join pg_class as c on c.oid = x.indexrelid
         where x.indrelid = v_table and c.relname = broken_constraint and x.indexprs is null));
    return (
        select string_agg(format('%s.%s (%s)', m.table_name, m.column_name, m.rule), ', ' order by m.table_name, m.attnum)
        from unnest(freehold._mask_plan(v_source)) as m
        where coalesce(m.rule, 'keep') <> 'keep'
            and case when v_table is null then m.holds_rows and m.shown_type like '%' || broken_type
                     when broken_column <> '' then m.relid = v_table and m.column_name = broken_column
                     when v_columns is null then m.relid = v_table
                     else m.relid = v_table and m.attnum = any (v_columns) end);
end
$$;
