-- What pg_dump does not show, or shows in a way that depends on the order of its entries. One statement:
-- (kind, name, facts) for the schema whose oid is the parameter. Runs with search_path pg_catalog, <schema>.
with recursive member (classid, objid) as (
    select d.classid, d.objid
    from pg_depend as d
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = %(ns)s and d.deptype = 'n'
    union
    select d.classid, d.objid
    from member as m
    join pg_depend as d on d.refclassid = m.classid and d.refobjid = m.objid and d.deptype in ('a', 'i', 'P', 'S')
),
relation as (
    select c.* from pg_class as c where c.relnamespace = %(ns)s
),
kind_of_cast as (
    select c.*
    from pg_cast as c
    where exists (
        select from member as m
        where (m.classid = 'pg_type'::regclass and m.objid in (c.castsource, c.casttarget))
            or (m.classid = 'pg_proc'::regclass and m.objid = c.castfunc)
    )
)
select 'relation', c.relname::text, jsonb_build_object(
    'kind', c.relkind, 'persistence', c.relpersistence, 'populated', c.relispopulated,
    'identity', c.relreplident, 'row_security', c.relrowsecurity, 'forced', c.relforcerowsecurity,
    'options', (select array_agg(o order by o) from unnest(c.reloptions) as o),
    'toast', (select array_agg(o order by o) from pg_class as t, unnest(t.reloptions) as o where t.oid = c.reltoastrelid),
    'method', (select a.amname from pg_am as a where a.oid = c.relam),
    'space', (select s.spcname from pg_tablespace as s where s.oid = c.reltablespace),
    'type', case when c.reloftype <> 0 then format_type(c.reloftype, null) end,
    'bound', pg_get_expr(c.relpartbound, c.oid), 'rules', c.relhasrules,
    'parents', (select array_agg(i.inhparent::regclass::text order by i.inhseqno) from pg_inherits as i where i.inhrelid = c.oid),
    'detaching', (select bool_or(i.inhdetachpending) from pg_inherits as i where i.inhrelid = c.oid),
    'owned_by_schema_owner', c.relowner = (select n.nspowner from pg_namespace as n where n.oid = %(ns)s))
from relation as c
union all
select 'column', pg_catalog.format('%%s.%%s', c.relname, a.attname), jsonb_build_object(
    'place', row_number() over (partition by c.oid order by a.attnum),
    'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull, 'identity', a.attidentity,
    'generated', a.attgenerated, 'local', a.attislocal, 'inherited', a.attinhcount, 'target', a.attstattarget,
    'storage', a.attstorage, 'compression', a.attcompression,
    'options', (select array_agg(o order by o) from unnest(a.attoptions) as o where o !~ '^pg_attver='),
    'foreign', a.attfdwoptions,
    'collation', (select l.oid::regcollation::text from pg_collation as l where l.oid = a.attcollation),
    'default', (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef as d where d.adrelid = c.oid and d.adnum = a.attnum),
    'sequence', (
        select d.objid::regclass::text
        from pg_depend as d
        where d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
            and d.classid = 'pg_class'::regclass and d.deptype = 'i' and a.attidentity <> ''))
from relation as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relkind not in ('i', 'I', 'c')
union all
select 'index column', pg_catalog.format('%%s.%%s', c.relname, a.attnum), jsonb_build_object('target', a.attstattarget, 'options', a.attoptions)
from relation as c
join pg_attribute as a on a.attrelid = c.oid and c.relkind in ('i', 'I')
union all
select 'index', c.relname, jsonb_build_object(
    'table', i.indrelid::regclass::text, 'unique', i.indisunique, 'primary', i.indisprimary,
    'exclusion', i.indisexclusion, 'immediate', i.indimmediate, 'clustered', i.indisclustered, 'valid', i.indisvalid,
    'identity', i.indisreplident, 'nulls', to_jsonb(i) ->> 'indnullsnotdistinct', 'definition', pg_get_indexdef(c.oid, 0, true))
from relation as c
join pg_index as i on i.indexrelid = c.oid
union all
select 'constraint', pg_catalog.format('%%s on %%s', o.conname, coalesce(nullif(o.conrelid, 0)::regclass::text, o.contypid::regtype::text)),
    jsonb_build_object(
        'type', o.contype, 'definition', pg_get_constraintdef(o.oid, true), 'deferrable', o.condeferrable,
        'deferred', o.condeferred, 'valid', o.convalidated, 'inherited', o.coninhcount,
        -- Two marks mean nothing: of a key, and of a partition's not null, which ATTACH sets as CREATE does not.
        'no_inherit', o.connoinherit and o.contype in ('c', 'n'),
        'local', o.conislocal and not (o.contype = 'n' and o.conrelid in (select c.oid from relation as c where c.relispartition)),
        'enforced', to_jsonb(o) ->> 'conenforced',
        'index', case when o.conindid <> 0 then o.conindid::regclass::text end,
        'parent', (select p.conname from pg_constraint as p where p.oid = o.conparentid))
from pg_constraint as o
where o.connamespace = %(ns)s and o.contype <> 't'
    -- A foreign key to a partitioned table has one of its own for each partition there, with a name of the server's.
    and not exists (select from pg_constraint as p where p.oid = o.conparentid and p.conrelid = o.conrelid)
union all
select 'trigger', pg_catalog.format('%%s on %%s', t.tgname, c.relname), jsonb_build_object(
    'enabled', t.tgenabled, 'definition', pg_get_triggerdef(t.oid, true),
    'parent', (select p.tgrelid::regclass::text from pg_trigger as p where p.oid = t.tgparentid))
from relation as c
join pg_trigger as t on t.tgrelid = c.oid and not t.tgisinternal
union all
select 'rule', pg_catalog.format('%%s on %%s', r.rulename, c.relname), jsonb_build_object('enabled', r.ev_enabled, 'definition', pg_get_ruledef(r.oid, true))
from relation as c
join pg_rewrite as r on r.ev_class = c.oid
union all
select 'cast', pg_catalog.format('%%s as %%s', format_type(c.castsource, null), format_type(c.casttarget, null)), jsonb_build_object(
    'function', c.castfunc::regprocedure::text, 'context', c.castcontext, 'method', c.castmethod)
from kind_of_cast as c
union all
select 'publication', pg_catalog.format('%%s of %%s', regexp_replace(p.pubname, '^.*_pub$', '<schema>_pub'), c.relname), jsonb_build_object(
    'columns', (select array_agg(a.attname order by a.attnum) from pg_attribute as a where a.attrelid = c.oid and a.attnum = any (r.prattrs)),
    'filter', pg_get_expr(r.prqual, r.prrelid))
from relation as c
join pg_publication_rel as r on r.prrelid = c.oid
join pg_publication as p on p.oid = r.prpubid
union all
select 'publication', 'of the schema', '{}'
from pg_publication_namespace as n
where n.pnnspid = %(ns)s
union all
select 'type', t.typname, jsonb_build_object(
    'kind', t.typtype, 'category', t.typcategory, 'not_null', t.typnotnull, 'default', t.typdefault,
    'defined', t.typisdefined,
    'labels', (select array_agg(e.enumlabel order by e.enumsortorder) from pg_enum as e where e.enumtypid = t.oid))
from pg_type as t
join member as m on m.classid = 'pg_type'::regclass and m.objid = t.oid
-- An array type's name depends on what was there before it, and means nothing.
where not exists (select from pg_type as e where e.typarray = t.oid)
union all
select 'comment', o.type, jsonb_build_object('on', pg_describe_object(d.classoid, d.objoid, d.objsubid), 'text', d.description)
from (select * from member union select 'pg_cast'::regclass, k.oid from kind_of_cast as k) as m (classid, objid)
join pg_description as d on d.classoid = m.classid and d.objoid = m.objid
cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) as o
union all
select 'member', m.classid::regclass::text, to_jsonb(count(*))
from member as m
group by m.classid
