-- The rows of a restore as one script, and the values of its sequences. Refuses tables and columns that are not those of the schema.
create or replace function freehold._restore_copy(tenant freehold.tenant, manifest jsonb, trailer jsonb) returns text
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_ns constant oid := quote_ident(tenant.schema_name)::regnamespace;
    v_other text;
    v_script text;
begin
    select string_agg(coalesce(t.name, m.name), ', ' order by coalesce(t.name, m.name)) into v_other
    from (select t.name, t.columns from freehold._export_tables(v_ns) as t where t.name <> freehold._restore_table(tenant)) as t
    full join jsonb_to_recordset(manifest -> 'tables') as m (name text, columns text[]) on m.name = t.name
    where t.name is null or m.name is null
        or array(select u from unnest(t.columns::text[]) as u order by u) <> array(select u from unnest(m.columns) as u order by u);
    if v_other is not null then
        raise exception 'the tables are not those of the export' using errcode = 'FH531', detail = format('They differ: %s.', v_other);
    end if;
    select string_agg(freehold._restore_script(tenant, t.relid, m.name, m.columns), E';\n' order by m.n) into v_script
    from rows from (jsonb_to_recordset(manifest -> 'tables') as (name text, columns text[])) with ordinality as m (name, columns, n)
    join freehold._export_tables(v_ns) as t on t.name = m.name;
    return concat_ws(E';\n', v_script, format('drop table %I.%I', tenant.schema_name, freehold._restore_table(tenant)), (
        select string_agg(format('select pg_catalog.setval(%L, %s, %s)', format('%I.%I', tenant.schema_name, s.name), s.last_value,
                                 s.is_called::text), E';\n')
        from jsonb_to_recordset(trailer -> 'sequences') as s (name text, last_value bigint, is_called boolean)));
end
$$;
