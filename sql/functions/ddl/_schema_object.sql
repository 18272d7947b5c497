create or replace function freehold._schema_object(ns oid)
returns setof freehold._schema_object_row
language sql
stable
begin atomic
    with relation as (
        select c.oid, c.relname, c.relkind
        from freehold._ddl_relation_any(ns) r (oid)
        join pg_class c on c.oid = r.oid
    )
    select 'pg_class'::regclass::oid, r.oid, k.kind, quote_ident(r.relname::text), format('%s %I', k.kind, r.relname)
    from relation r
    cross join lateral (
        select case r.relkind
            when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
            else 'table'
        end
    ) k (kind)
    union all
    select
        'pg_class'::regclass::oid, c.oid, 'index'::text,
        format('%I.%I', r.relname, c.relname), format('index %I', c.relname)
    from relation r
    join pg_index i on i.indrelid = r.oid
    join pg_class c on c.oid = i.indexrelid
    where r.relkind in ('r', 'p', 'm')
    union all
    select
        'pg_constraint'::regclass::oid, c.oid, 'constraint'::text,
        format('%I.%I', r.relname, c.conname), format('constraint %I on %I', c.conname, r.relname)
    from relation r
    join pg_constraint c on c.conrelid = r.oid
    where r.relkind in ('r', 'p', 'f') and c.contype <> 't'
    union all
    select
        'pg_trigger'::regclass::oid, t.oid, 'trigger'::text,
        format('%I.%I', r.relname, t.tgname), format('trigger %I on %I', t.tgname, r.relname)
    from relation r
    join pg_trigger t on t.tgrelid = r.oid
    join pg_proc p on p.oid = t.tgfoid
    where not t.tgisinternal and r.relkind in ('r', 'p', 'v', 'f') and p.pronamespace <> 'freehold_audit'::regnamespace
    union all
    select
        'pg_rewrite'::regclass::oid, w.oid, 'rule'::text,
        format('%I.%I', r.relname, w.rulename), format('rule %I on %I', w.rulename, r.relname)
    from relation r
    join pg_rewrite w on w.ev_class = r.oid
    where r.relkind <> 'S'
    union all
    select
        'pg_policy'::regclass::oid, p.oid, 'policy'::text,
        format('%I.%I', r.relname, p.polname), format('policy %I on %I', p.polname, r.relname)
    from relation r
    join pg_policy p on p.polrelid = r.oid
    where r.relkind in ('r', 'p')
    union all
    select
        'pg_statistic_ext'::regclass::oid, s.oid, 'statistics'::text,
        quote_ident(s.stxname::text), format('statistics %I', s.stxname)
    from freehold._ddl_own(ns, 'pg_statistic_ext'::regclass) o (oid)
    join pg_statistic_ext s on s.oid = o.oid
    union all
    select 'pg_type'::regclass::oid, t.oid, k.kind, quote_ident(t.typname::text), format('%s %I', k.kind, t.typname)
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    cross join lateral (select case t.typtype when 'd' then 'domain' else 'type' end) k (kind)
    union all
    select
        'pg_constraint'::regclass::oid, c.oid, 'domain constraint'::text,
        format('%I.%I', t.typname, c.conname), format('constraint %I on domain %I', c.conname, t.typname)
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    -- fenced: nearly all constraints have no domain, so that statistics make a scan of all of them look cheap
    cross join lateral (select k.oid, k.conname from pg_constraint k where k.contypid = t.oid offset 0) c
    where t.typtype = 'd'
    union all
    select
        'pg_proc'::regclass::oid, p.oid, k.kind, i.identity, format('%s %s', k.kind, i.identity)
    from freehold._ddl_own(ns, 'pg_proc'::regclass) o (oid)
    join pg_proc p on p.oid = o.oid
    cross join lateral (
        select case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure' else 'function' end
    ) k (kind)
    cross join lateral (
        select case p.prokind
            when 'a' then freehold._ddl_aggregate_identity(p.oid, p.proname)
            else freehold._ddl_proc_identity(p.oid, p.prokind, p.proname, p.proargtypes)
        end
    ) i (identity)
    union all
    select
        'pg_operator'::regclass::oid, p.oid, 'operator'::text, i.identity, format('operator %s', i.identity)
    from freehold._ddl_own(ns, 'pg_operator'::regclass) o (oid)
    join pg_operator p on p.oid = o.oid
    cross join lateral freehold._ddl_operator_identity(p.oprname, p.oprleft, p.oprright) i (identity)
    where p.oprcode::oid <> 0
    union all
    select
        'pg_opclass'::regclass::oid, c.oid, 'operator class'::text,
        format('%I using %I', c.opcname, m.amname), format('operator class %I using %I', c.opcname, m.amname)
    from freehold._ddl_own(ns, 'pg_opclass'::regclass) o (oid)
    join pg_opclass c on c.oid = o.oid
    join pg_am m on m.oid = c.opcmethod
    union all
    select
        'pg_opfamily'::regclass::oid, f.oid, 'operator family'::text,
        format('%I using %I', f.opfname, m.amname), format('operator family %I using %I', f.opfname, m.amname)
    from freehold._ddl_own(ns, 'pg_opfamily'::regclass) o (oid)
    join pg_opfamily f on f.oid = o.oid
    join pg_am m on m.oid = f.opfmethod
    union all
    select 'pg_cast'::regclass::oid, c.oid, 'cast'::text, i.identity, format('cast %s', i.identity)
    from freehold._schema_cast(ns) o (oid)
    join pg_cast c on c.oid = o.oid
    cross join lateral (
        select format('(%s as %s)', format_type(c.castsource, null), format_type(c.casttarget, null))
    ) i (identity)
    union all
    select
        'pg_collation'::regclass::oid, c.oid, 'collation'::text,
        quote_ident(c.collname::text), format('collation %I', c.collname)
    from freehold._ddl_own(ns, 'pg_collation'::regclass) o (oid)
    join pg_collation c on c.oid = o.oid
    union all
    select
        'pg_conversion'::regclass::oid, c.oid, 'conversion'::text,
        quote_ident(c.conname::text), format('conversion %I', c.conname)
    from freehold._ddl_own(ns, 'pg_conversion'::regclass) o (oid)
    join pg_conversion c on c.oid = o.oid
    union all
    select
        'pg_ts_parser'::regclass::oid, p.oid, 'text search parser'::text,
        quote_ident(p.prsname::text), format('text search parser %I', p.prsname)
    from freehold._ddl_own(ns, 'pg_ts_parser'::regclass) o (oid)
    join pg_ts_parser p on p.oid = o.oid
    union all
    select
        'pg_ts_template'::regclass::oid, t.oid, 'text search template'::text,
        quote_ident(t.tmplname::text), format('text search template %I', t.tmplname)
    from freehold._ddl_own(ns, 'pg_ts_template'::regclass) o (oid)
    join pg_ts_template t on t.oid = o.oid
    union all
    select
        'pg_ts_dict'::regclass::oid, d.oid, 'text search dictionary'::text,
        quote_ident(d.dictname::text), format('text search dictionary %I', d.dictname)
    from freehold._ddl_own(ns, 'pg_ts_dict'::regclass) o (oid)
    join pg_ts_dict d on d.oid = o.oid
    union all
    select
        'pg_ts_config'::regclass::oid, c.oid, 'text search configuration'::text,
        quote_ident(c.cfgname::text), format('text search configuration %I', c.cfgname)
    from freehold._ddl_own(ns, 'pg_ts_config'::regclass) o (oid)
    join pg_ts_config c on c.oid = o.oid;
end;

comment on function freehold._schema_object(oid) is
    'Everything in a schema, with what hangs on its relations and types; target is what COMMENT ON calls it. Names come out '
    'bare only where the schema is first on the search_path.';
