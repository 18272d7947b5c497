create or replace function freehold.audit_disable(target regclass) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
declare
    v_table regclass;
begin
    for v_table in select t.relation from freehold._audit_tree(target) as t loop
        execute format(
            'drop trigger if exists freehold_audit_insert on %1$s; drop trigger if exists freehold_audit_update on %1$s;
             drop trigger if exists freehold_audit_delete on %1$s; drop trigger if exists freehold_audit_truncate on %1$s', v_table);
    end loop;
end
$$;

comment on function freehold.audit_disable(regclass) is
    'Ends the record of a table''s rows, its partitions and children included: for its owner, in a migration. What is recorded stays. '
    'Raises 42501 for whoever does not own it.';

-- security definer: runs as the home's owner. Touches: tenant or template (row lock), operation (one row).
create or replace function freehold.audit_disable(home text, table_name text) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_lock(home);
    v_operation bigint := freehold._operation_begin('audit_disable', v_home.id, v_home.slug, jsonb_build_object('table', table_name));
begin
    perform freehold._runner_run(v_home, format('select freehold.audit_disable(%L)', quote_ident(table_name)));
    perform freehold._operation_end(v_operation);
end
$$;

comment on function freehold.audit_disable(text, text) is
    'The same for administrators: of a tenant by its slug or a template by its name after @, and a table by its bare name. Raises FH101 '
    'and FH102 for an unknown home, 42P01 for an unknown table.';
