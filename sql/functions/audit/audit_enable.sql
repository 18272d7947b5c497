-- The owner's part: TRIGGER on the table is granted to the owner of the logs for the moment. On partitions as well, as what is
-- written to one directly sets off its own triggers only.
create or replace function freehold.audit_enable(target regclass, exclude text[] default '{}', mask text[] default '{}') returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
declare
    v_audit constant regrole := (select n.nspowner from pg_namespace as n where n.nspname = 'freehold_audit');
    v_table record;
begin
    if target is null or exclude is null or mask is null then
        raise exception 'table and columns must not be null' using errcode = 'FH003';
    end if;
    for v_table in
        select t.relation, c.relnamespace::regnamespace as ns, pg_has_role(c.relowner, 'usage') as own
        from freehold._audit_tree(target) as t join pg_class as c on c.oid = t.relation
        union all
        select c.oid, c.relnamespace, pg_has_role(c.relowner, 'usage')
        from pg_class as c where c.oid = target and c.relkind not in ('r', 'p')
    loop
        if not v_table.own then
            raise exception 'must be owner of table %', v_table.relation
                using errcode = 'FH303', hint = 'In a migration, or as an administrator with the tenant''s slug and the table''s name.';
        end if;
        execute format(
            'drop trigger if exists freehold_audit_insert on %1$s; drop trigger if exists freehold_audit_update on %1$s;
             drop trigger if exists freehold_audit_delete on %1$s; drop trigger if exists freehold_audit_truncate on %1$s;
             grant usage on schema %2$s to %3$s; grant trigger on %1$s to %3$s', v_table.relation, v_table.ns, v_audit);
        perform freehold._audit_attach(v_table.relation, exclude, mask);
        execute format('revoke trigger on %1$s from %3$s; revoke usage on schema %2$s from %3$s', v_table.relation, v_table.ns, v_audit);
    end loop;
end
$$;

comment on function freehold.audit_enable(regclass, text[], text[]) is
    'Records who changes which rows of a table from now on, its partitions and children included: for its owner, in a migration. Columns '
    'to exclude are not recorded at all, of those to mask only that they changed. Called again, it takes the table as it is now: a new '
    'partition, another primary key. Raises FH003 for a table without primary key, for one that is foreign, and for columns '
    'that it does not have; FH303 for whoever does not own it, and for a schema that is no tenant''s and no template''s.';

-- security definer: runs as the home's owner. Touches: tenant or template (row lock), operation (one row), audit_log.
create or replace function freehold.audit_enable(
    home text, table_name text, exclude text[] default '{}', mask text[] default '{}'
) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_lock(home);
    v_operation bigint := freehold._operation_begin('audit_enable', v_home.id, v_home.slug, jsonb_build_object(
        'table', table_name, 'exclude', exclude, 'mask', mask));
begin
    perform freehold._runner_run(v_home, format('select freehold.audit_enable(%L, exclude => %L, mask => %L)',
                                                quote_ident(table_name), exclude, mask));
    perform freehold._operation_end(v_operation);
end
$$;

comment on function freehold.audit_enable(text, text, text[], text[]) is
    'The same for administrators: of a tenant by its slug or a template by its name after @, and a table by its bare name. Freeze a '
    'template afterwards. Raises what the other does, FH101 and FH102 for an unknown home, 42P01 for an unknown table.';
