-- security definer: only the owner of the logs may execute, and so attach, what writes one. Touches: audit_log (one row), tenant,
-- template, reserve (read). Tenants' roles may call it; it does nothing unless the table's owner has granted TRIGGER on it, which
-- audit_enable() does for the moment.
create or replace function freehold._audit_attach(target regclass, exclude text[], mask text[]) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_audit constant name := freehold._role('audit_owner');
    v_table record;
    v_home uuid;
    v_keys text[];
    v_named text[];
    v_unknown text;
begin
    select n.oid as ns, n.nspname, c.relname, c.relkind, c.relpersistence into v_table
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = target;
    v_home := freehold._audit_home(v_table.ns);
    if v_home is null or not has_table_privilege(v_audit, target, 'trigger') then
        raise exception 'table "%" cannot be audited', v_table.relname
            using errcode = 'FH303',
                  detail = case when v_home is null then format('Schema %I is no tenant''s and no template''s.', v_table.nspname)
                                else 'Only its owner may have it audited.' end;
    end if;
    if v_table.relkind not in ('r', 'p') or v_table.relpersistence = 't' then
        raise exception 'relation "%" cannot be audited', v_table.relname
            using errcode = 'FH003', detail = 'Tables can be, foreign and temporary ones cannot.';
    end if;
    select array_agg(a.attname::text order by k.n) into v_keys
    from pg_index as i
    cross join lateral unnest(i.indkey) with ordinality as k (attnum, n)
    join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = target and i.indisprimary and k.n <= i.indnkeyatts;
    if v_keys is null then
        raise exception 'table "%" has no primary key', v_table.relname
            using errcode = 'FH003', detail = 'The audit names a row by it.', hint = 'Add one, then enable the audit.';
    end if;
    exclude := array(select distinct e from unnest(exclude) as e order by e);
    mask := array(select distinct m from unnest(mask) as m order by m);
    v_named := v_keys || exclude || mask;
    select string_agg(quote_ident(u), ', ') into v_unknown
    from unnest(exclude || mask) as u
    where not exists (select from pg_attribute as a
                      where a.attrelid = target and a.attname = u and a.attnum > 0 and not a.attisdropped);
    if v_unknown is not null or exclude && mask or (exclude || mask) && v_keys then
        raise exception 'columns of table "%" cannot be left out or masked', v_table.relname
            using errcode = 'FH003',
                  detail = case when v_unknown is not null then format('It has no column %s.', v_unknown)
                                when exclude && mask then 'A column is left out or masked, not both.'
                                else 'The primary key is what names a row.' end;
    end if;
    perform freehold._audit_make(v_home);
    update freehold.audit_log as l set tables = jsonb_build_object(v_table.relname, freehold._now()) || l.tables
    where l.home_id = v_home and not l.tables ? v_table.relname;
    perform freehold._audit_run(string_agg(format(
        'create trigger freehold_audit_%1$s after %1$s on %2$I.%3$I %4$s
             execute function freehold_audit.%5$I(%6$L, %7$L, %8$L, %9$L, %10$L)',
        e.event, v_table.nspname, v_table.relname, e.referencing,
        freehold._audit_writer(v_home), case cardinality(v_keys) when 1 then v_keys[1] else '' end, v_keys, exclude,
        jsonb_object(mask, array_fill('***'::text, array[cardinality(mask)])), v_named), '; '))
    from (values ('insert', 'referencing new table as new_rows'),
                 ('update', 'referencing old table as old_rows new table as new_rows'),
                 ('delete', 'referencing old table as old_rows'),
                 ('truncate', '')) as e (event, referencing);
end
$$;
