create or replace function freehold._ddl_refusal(ns oid)
returns table (kind text, identity text, reason text)
language sql
stable
begin atomic
    -- once: planning it is most of the work
    with object as materialized (
        select o.classid, o.objid, o.kind, o.identity from freehold._schema_object(ns) o
    )
    select
        case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
        freehold._ddl_proc_identity(p.oid, p.prokind, p.proname, p.proargtypes),
        r.reason
    from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
    join pg_proc p on p.oid = o.oid
    join pg_language l on l.oid = p.prolang
    join pg_namespace n on n.oid = ns
    cross join lateral (
        values
        (
            p.prokind <> 'a' and p.prosqlbody is null and l.lanname not in ('c', 'internal')
            and freehold._ddl_mention(p.prosrc, n.nspname::text),
            'its body is a string that names its own schema'),
        (p.prokind <> 'a' and not l.lanpltrusted, format('only a superuser can make functions in language %s', l.lanname)),
        (p.proleakproof, 'only a superuser can make leakproof functions'),
        (p.prosupport::oid <> 0, 'only a superuser can name a support function'),
        (
            p.prokind = 'a' and exists (
                select from pg_aggregate a
                where a.aggfnoid = p.oid and 'internal'::regtype::oid in (a.aggtranstype, a.aggmtranstype)),
            'only a superuser can make aggregates with an internal state')
    ) r (holds, reason)
    where r.holds
    union all
    select
        case p.prokind when 'p' then 'procedure' else 'function' end,
        freehold._ddl_proc_identity(p.oid, p.prokind, p.proname, p.proargtypes),
        format('it sets %I, which only a superuser can attach to a function', c.name)
    from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
    join pg_proc p on p.oid = o.oid
    cross join lateral (select split_part(u.setting, '=', 1) from unnest(p.proconfig) u (setting)) c (name)
    where c.name <> 'search_path'
        and not has_parameter_privilege('public', c.name, 'set')
        and not exists (
            select from pg_settings s
            where lower(s.name) = lower(c.name) and s.context = 'user' and s.short_desc <> 'GUC placeholder variable')
    union all
    select
        case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
        freehold._ddl_proc_identity(p.oid, p.prokind, p.proname, p.proargtypes),
        format('its setting %s names its own schema', split_part(u.setting, '=', 1))
    from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
    join pg_proc p on p.oid = o.oid
    join pg_namespace n on n.oid = ns
    cross join lateral unnest(p.proconfig) u (setting)
    where split_part(u.setting, '=', 1) <> 'search_path'
        and (strpos(u.setting, n.nspname || '.') > 0 or strpos(u.setting, quote_ident(n.nspname) || '.') > 0)
    union all
    -- Replay is the owner's alone, who would become the grantor.
    select distinct 'acl'::text, a.target, format('%s granted a privilege on it that was granted to it', x.grantor::regrole)
    from (
        select format('schema %I', n.nspname), n.nspacl, n.nspowner from pg_namespace n where n.oid = ns
        union all
        select format('%s %I', case c.relkind when 'S' then 'sequence' else 'table' end, c.relname), c.relacl, c.relowner
        from freehold._ddl_relation_any(ns) o (oid)
        join pg_class c on c.oid = o.oid
        union all
        select format('column %I.%I', c.relname, t.attname), t.attacl, c.relowner
        from freehold._ddl_relation_any(ns) o (oid)
        join pg_class c on c.oid = o.oid
        join pg_attribute t on t.attrelid = c.oid
        where t.attacl is not null and not t.attisdropped
        union all
        select format('function %s', freehold._ddl_proc_identity(p.oid, p.prokind, p.proname, p.proargtypes)), p.proacl, p.proowner
        from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
        join pg_proc p on p.oid = o.oid
        union all
        select format('type %I', t.typname), t.typacl, t.typowner
        from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
        join pg_type t on t.oid = o.oid
    ) a (target, acl, owner)
    cross join lateral aclexplode(a.acl) x
    where x.grantor <> a.owner
    union all
    select 'type'::text, quote_ident(t.typname::text), 'only a superuser can make base and shell types'::text
    from freehold._ddl_shell(ns) s
    join pg_type t on t.oid = s.objid
    union all
    select o.kind, o.identity, 'only a superuser can make one'::text
    from object o
    where o.classid in (
        'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass)
    union all
    select o.kind, o.identity, 'only a superuser can make a cast without function'::text
    from object o
    join pg_cast c on o.classid = 'pg_cast'::regclass and c.oid = o.objid
    where c.castmethod = 'b'
    union all
    select
        'cast'::text,
        format('%s as %s', format_type(c.castsource, null), format_type(c.casttarget, null)),
        'its function is in the schema, its types are not: a database has one such cast only'::text
    from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
    join pg_depend d
        on d.refclassid = 'pg_proc'::regclass and d.refobjid = o.oid and d.classid = 'pg_cast'::regclass and d.deptype = 'n'
    join pg_cast c on c.oid = d.objid
    where not exists (select from freehold._schema_cast(ns) s (oid) where s.oid = c.oid)
    union all
    select o.kind, o.identity, format('it carries a security label of provider %s', s.provider)
    from (
        select b.classid, b.objid, b.kind, b.identity from object b
        union all
        select 'pg_namespace'::regclass::oid, ns, 'schema'::text, ns::regnamespace::text
    ) o
    -- fenced as in _ddl_comment
    cross join lateral (
        select l.provider from pg_seclabel l where l.objoid = o.objid and l.classoid = o.classid offset 0) s
    union all
    select distinct 'extension'::text, quote_ident(e.extname::text), 'its objects are in the schema'::text
    from pg_depend d
    left join pg_depend m on m.classid = d.classid and m.objid = d.objid and m.objsubid = 0 and m.deptype = 'e'
    join pg_extension e on e.oid = case when d.classid = 'pg_extension'::regclass then d.objid else m.refobjid end
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns
    union all
    select
        'default privileges'::text,
        pg_get_userbyid(a.defaclrole)::text,
        'only that role can set its default privileges, and it does not own the schema'::text
    from pg_depend d
    join pg_default_acl a on a.oid = d.objid
    join pg_namespace n on n.oid = ns
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid::bigint = 'pg_default_acl'::regclass::oid::bigint
        and a.defaclrole <> n.nspowner
    union all
    select
        'publication'::text,
        quote_ident(b.pubname::text),
        'it publishes the whole schema, which only a superuser can arrange: publish its tables instead'::text
    from pg_depend d
    join pg_publication_namespace p on p.oid = d.objid
    join pg_publication b on b.oid = p.pnpubid
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns
        and d.classid::bigint = 'pg_publication_namespace'::regclass::oid::bigint
    union all
    select
        'publication'::text,
        format('%I of %I', b.pubname, c.relname),
        format(
            'only the owner of the publication can add a table to it: alter publication %1$I owner to %2$I; '
            'needs create on the database for %2$I',
            b.pubname, freehold._role('owner'))
    from freehold._ddl_relation_any(ns) o (oid)
    join pg_class c on c.oid = o.oid
    join pg_publication_rel p on p.prrelid = c.oid
    join pg_publication b on b.oid = p.prpubid
    where not pg_has_role(freehold._role('owner'), b.pubowner, 'usage')
    union all
    select 'schema'::text, n.nspname::text, 'PUBLIC may use it, so every tenant could reach every other'::text
    from pg_namespace n
    cross join lateral aclexplode(n.nspacl) a
    where n.oid = ns and a.grantee = 0 and (
        exists (select from freehold.tenant t where t.schema_name = n.nspname and t.state <> 'erased')
        or exists (select from freehold.template t where t.schema_name = n.nspname))
    union all
    select 'large object'::text, s.objid::text, 'large objects belong to a role, not to a schema'::text
    from freehold._ddl_names(ns::regnamespace) n
    join pg_roles r on r.rolname = n.name
    join pg_shdepend s on s.refclassid = 'pg_authid'::regclass and s.refobjid = r.oid and s.classid = 'pg_largeobject'::regclass
    join pg_database d on d.oid = s.dbid and d.datname = current_database()
    where s.deptype = 'o' and (
        exists (
            select from freehold.tenant t
            where t.schema_name = (select p.nspname from pg_namespace p where p.oid = ns) and t.state <> 'erased')
        or exists (select from freehold.template t where t.schema_name = (select p.nspname from pg_namespace p where p.oid = ns)))
    union all
    select
        'table'::text,
        quote_ident(c.relname::text),
        case
            when c.relispartition then format('it is a partition of %s, whose bounds no second one may have', i.inhparent::regclass)
            else format('it inherits from %s, which only that table''s owner can arrange', i.inhparent::regclass)
        end
    from freehold._ddl_relation_any(ns) o (oid)
    join pg_class c on c.oid = o.oid and c.relkind in ('r', 'p', 'f')
    join pg_inherits i on i.inhrelid = c.oid
    where (select p.relnamespace from pg_class p where p.oid = i.inhparent) <> ns
    union all
    select
        'table'::text,
        quote_ident(c.relname::text),
        format('its partition %s is outside the schema and would not be there', i.inhrelid::regclass)
    from freehold._ddl_relation_any(ns) o (oid)
    join pg_class c on c.oid = o.oid and c.relkind = 'p'
    join pg_inherits i on i.inhparent = c.oid
    where (select p.relnamespace from pg_class p where p.oid = i.inhrelid) <> ns
    union all
    select 'transform'::text, format('for %s', format_type(t.oid, null)), 'transforms are not carried'::text
    from freehold._schema_type(ns) t
    join pg_depend d on d.refclassid = 'pg_type'::regclass and d.refobjid = t.oid and d.classid = 'pg_transform'::regclass
    union all
    select
        'object'::text,
        pg_describe_object(d.classid, d.objid, 0),
        'this kind is not known'::text
    from pg_depend d
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns
        and (
            d.classid not in (
                'pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass,
                'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_collation'::regclass, 'pg_conversion'::regclass,
                'pg_ts_parser'::regclass, 'pg_ts_template'::regclass, 'pg_ts_dict'::regclass, 'pg_ts_config'::regclass,
                'pg_statistic_ext'::regclass, 'pg_default_acl'::regclass, 'pg_publication_namespace'::regclass,
                'pg_extension'::regclass)
            or (
                d.classid = 'pg_class'::regclass
                and (select c.relkind from pg_class c where c.oid = d.objid) not in ('r', 'p', 'v', 'm', 'f', 'S')));
end;

comment on function freehold._ddl_refusal(oid) is 'What of a schema cannot be carried to another, circles aside.';
