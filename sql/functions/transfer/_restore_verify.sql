-- That a restored schema is what the export says: its definition, and the number of rows of every table, counted as its owner.
create or replace function freehold._restore_verify(tenant freehold.tenant, manifest jsonb, trailer jsonb) returns bigint
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_ns constant regnamespace := quote_ident(tenant.schema_name)::regnamespace;
    v_lift record;
    v_counts jsonb;
    v_other text;
begin
    select * into v_lift from freehold._rows_lift(v_ns);
    v_counts := freehold._owner_run(
        tenant.cell, tenant.schema_name, tenant.owner_role, coalesce(v_lift.lift, 'select'),
        (select format('select pg_catalog.jsonb_object_agg(c.name, c.n)::pg_catalog.text from (values %s) as c (name, n)',
                       coalesce(string_agg(format('(%L::pg_catalog.text, (select pg_catalog.count(*) from only %I.%I))', t.name,
                                                  tenant.schema_name, t.name), ', '), '(null::pg_catalog.text, 0)'))
         from freehold._export_tables(v_ns) as t
         having count(*) > 0),
        all_rows => true)::jsonb;
    if v_lift.restore is not null then
        perform freehold._owner_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_lift.restore);
    end if;
    select string_agg(format('%s: %s rows, the export has %s', coalesce(c.key, e.key), coalesce(c.value, 'no'), coalesce(e.value, 'no')),
                      E'\n' order by coalesce(c.key, e.key))
    into v_other
    from jsonb_each_text(coalesce(v_counts, '{}')) as c
    full join jsonb_each_text(coalesce(trailer -> 'rows', '{}')) as e on e.key = c.key
    where c.value is distinct from e.value;
    if v_other is not null then
        raise exception 'the rows are not those of the export' using errcode = 'FH531', detail = v_other;
    end if;
    if (manifest ->> 'server')::integer / 10000 = current_setting('server_version_num')::integer / 10000
        and manifest ->> 'freehold' = freehold.version() and freehold._export_fingerprint(v_ns) <> manifest ->> 'fingerprint'
    then
        raise exception 'the schema is not that of the export' using errcode = 'FH531',
            detail = 'Its fingerprint is another one. Statements in the file that its schema did not have, or an object outside that is '
                'not the same here.';
    end if;
    return (select coalesce(sum(c.value::bigint), 0) from jsonb_each_text(coalesce(v_counts, '{}')) as c);
end
$$;
