-- security definer: the owner role alone may insert into the table where rows wait. The schema has no code yet that could run.
-- Touches: tenant (row lock), the table where rows wait.
create or replace function freehold.tenant_restore_rows(slug text, name text, rows text[]) returns bigint
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
begin
    perform freehold._transfer_open('restore', v_tenant, ending => false);
    execute format('insert into %I.%I (name, rows) values ($1, $2)', v_tenant.schema_name,
                   freehold._restore_table(v_tenant)) using name, rows;
    return cardinality(rows);
end
$$;

comment on function freehold.tenant_restore_rows(text, text, text[]) is
    'Brings rows of a table to a restore, each as the text of a composite value, in as many calls as it takes. Raises FH101, FH232 where '
    'none was begun in this transaction.';
