-- Of other schemas only names are taken: what stands there is the same for all.
create or replace function freehold._drift_relation(schemas oid[]) returns table (ns oid, item text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as materialized (
        select h.ns, h.roles from freehold._drift_home(schemas) as h
    ),
    own as materialized (
        select h.ns, h.roles, d.objid as oid
        from home as h
        join pg_depend as d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = h.ns and d.classid = 'pg_class'::regclass
        union all
        select h.ns, h.roles, t.typrelid
        from home as h
        join pg_depend as d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = h.ns and d.classid = 'pg_type'::regclass
        join pg_type as t on t.oid = d.objid
        where t.typtype = 'c'
    ),
    relation as materialized (
        select o.ns, o.roles, o.oid from own as o
        union all
        select o.ns, o.roles, i.indexrelid from own as o join pg_index as i on i.indrelid = o.oid
    )
    select r.ns,
           case when c.relkind = 'f' then null else row(
               'relation', c.oid::regclass, c.relkind, c.relpersistence, c.reloftype::regtype, m.amname, s.spcname, c.reloptions,
               t.reloptions, c.relispartition, pg_get_expr(c.relpartbound, c.oid), c.relreplident, c.relispopulated, c.relrowsecurity,
               c.relforcerowsecurity, case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
               case when c.relkind not in ('i', 'I', 'c') then freehold._drift_acl(
                   coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)), r.roles) end,
               d.description)::text end
    from relation as r
    join pg_class as c on c.oid = r.oid
    left join pg_am as m on m.oid = c.relam
    left join pg_tablespace as s on s.oid = c.reltablespace
    left join pg_class as t on t.oid = c.reltoastrelid
    left join pg_description as d on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
    union all
    select r.ns, row(
               'column', a.attrelid::regclass, row_number() over (partition by a.attrelid order by a.attnum), a.attname,
               format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation, a.attnotnull, a.attidentity, a.attgenerated,
               a.attislocal, a.attinhcount, a.attstorage, a.attcompression, a.attstattarget,
               case when a.attoptions is not null then
                   array(select o.option from unnest(a.attoptions) as o (option) where o.option not like 'pg\_attver=%') end,
               a.attfdwoptions,
               case when a.attacl is not null then freehold._drift_acl(a.attacl, r.roles) end, d.description)::text
    from relation as r
    join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_description as d on d.objoid = a.attrelid and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum
    union all
    select r.ns, row('default', f.adrelid::regclass, a.attname, pg_get_expr(f.adbin, f.adrelid))::text
    from own as r
    join pg_attrdef as f on f.adrelid = r.oid
    join pg_attribute as a on a.attrelid = f.adrelid and a.attnum = f.adnum
    union all
    select r.ns, row(
               'constraint', c.conrelid::regclass, c.conname, c.contype, pg_get_constraintdef(c.oid), c.convalidated, c.conislocal,
               c.coninhcount, c.connoinherit, c.condeferrable, c.condeferred, p.conrelid::regclass, p.conname, c.conindid::regclass,
               a.attname, d.description)::text
    from own as r
    join pg_constraint as c on c.conrelid = r.oid
    left join pg_constraint as p on p.oid = c.conparentid
    left join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    left join pg_description as d on d.objoid = c.oid and d.classoid = 'pg_constraint'::regclass and d.objsubid = 0
    union all
    select r.ns, row(
               'index', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered, i.indisreplident)::text
    from own as r
    join pg_index as i on i.indrelid = r.oid
    union all
    select r.ns, row('inherits', i.inhrelid::regclass, i.inhparent::regclass, i.inhseqno, i.inhdetachpending)::text
    from relation as r
    join pg_inherits as i on i.inhrelid = r.oid
    union all
    select r.ns, row(
               'sequence', s.seqrelid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache,
               s.seqcycle, d.refobjid::regclass, a.attname, d.deptype)::text
    from own as r
    join pg_sequence as s on s.seqrelid = r.oid
    left join pg_depend as d
        on d.classid = 'pg_class'::regclass and d.objid = s.seqrelid and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
    left join pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    union all
    select r.ns, row(
               'trigger', t.tgrelid::regclass, t.tgname,
               -- the audit's goes by the id of its home
               regexp_replace(pg_get_triggerdef(t.oid), ' freehold_audit\.write_[0-9a-f]{32}\(', ' <writer>('),
               t.tgenabled, t.tgparentid <> 0, d.description)::text
    from own as r
    join pg_trigger as t on t.tgrelid = r.oid
    left join pg_description as d on d.objoid = t.oid and d.classoid = 'pg_trigger'::regclass and d.objsubid = 0
    where not t.tgisinternal
    union all
    select r.ns, row(
               'rule', w.ev_class::regclass, w.rulename, w.ev_enabled,
               case w.rulename when '_RETURN' then pg_get_viewdef(w.ev_class) else pg_get_ruledef(w.oid) end, d.description)::text
    from own as r
    join pg_rewrite as w on w.ev_class = r.oid
    left join pg_description as d on d.objoid = w.oid and d.classoid = 'pg_rewrite'::regclass and d.objsubid = 0
    union all
    select r.ns, row(
               'policy', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
               pg_get_expr(p.polwithcheck, p.polrelid), d.description,
               (select string_agg(freehold._drift_role(u.role, r.roles), ', ' order by freehold._drift_role(u.role, r.roles))
                from unnest(p.polroles) as u (role)))::text
    from own as r
    join pg_policy as p on p.polrelid = r.oid
    left join pg_description as d on d.objoid = p.oid and d.classoid = 'pg_policy'::regclass and d.objsubid = 0
    union all
    select r.ns, null
    from own as r
    join pg_publication_rel as m on m.prrelid = r.oid
$$;

comment on function freehold._drift_relation(oid[]) is
    'What the catalogs say of the relations of schemas and of all that hangs on them, as text; null for what has to be deparsed.';
