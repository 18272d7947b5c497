-- A foreign key tells whether a row exists, a parent reads its children: neither asks for the right to the other table.
create or replace function freehold._isolation_of_relatives()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as materialized (
        select h.ns, h.owner_role, case h.kind when 'tenant' then h.name end as slug from freehold._fleet_home() as h
        where h.ns is not null
    )
    select case when c.relnamespace in (select h.ns from home as h) and k.connamespace in (select h.ns from home as h)
                then 'breach' else 'note' end,
           h.slug, a.relowner::regrole::text, 'foreign key', format('%I on %s', k.conname, k.conrelid::regclass), 'references',
           format('foreign key to %s', k.confrelid::regclass),
           format('alter table %s drop constraint %I;', k.conrelid::regclass, k.conname)
    from pg_constraint as k
    join pg_class as c on c.oid = k.confrelid and c.relnamespace <> k.connamespace
    join pg_class as a on a.oid = k.conrelid
    left join home as h on h.ns = k.connamespace
    where k.contype = 'f' and k.conparentid = 0 and (h.ns is not null or c.relnamespace in (select h.ns from home as h))
    union all
    select 'breach', coalesce(hp.slug, hc.slug), p.relowner::regrole::text, 'table', c.oid::regclass::text, 'select',
           format('parent %s', p.oid::regclass),
           format(case when c.relispartition then 'alter table %2$s detach partition %1$s;' else 'alter table %1$s no inherit %2$s;' end,
                  c.oid::regclass, p.oid::regclass)
    from pg_inherits as i
    join pg_class as c on c.oid = i.inhrelid
    join pg_class as p on p.oid = i.inhparent and p.relnamespace <> c.relnamespace
    left join home as hc on hc.ns = c.relnamespace
    left join home as hp on hp.ns = p.relnamespace
    where p.relkind in ('r', 'p', 'f') and (hc.ns is not null or hp.ns is not null)
$$;
