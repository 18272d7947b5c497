create or replace function freehold._ddl_constraint(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with keyed as (
        select
            r.relid, r.name, r.relkind, c.oid, c.conname, c.contype, x.reloptions, s.spcname,
            pg_get_constraintdef(c.oid) as definition,
            concat(
                case when c.contype = 'x' then ' WHERE (' || pg_get_expr(i.indpred, i.indrelid) || ')' end,
                case when c.condeferrable then ' DEFERRABLE' end,
                case when c.condeferred then ' INITIALLY DEFERRED' end
            ) as suffix,
            -- a view or function body that groups by the key, or names it in ON CONFLICT, needs it
            exists (
                select
                from pg_depend d
                where d.refclassid = 'pg_constraint'::regclass and d.refobjid = c.oid and d.deptype = 'n'
                  and d.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass)
            ) as needed,
            c.conparentid
        from freehold._ddl_relation(ns) r
        join pg_constraint c on c.conrelid = r.relid
        join pg_index i on i.indexrelid = c.conindid
        join pg_class x on x.oid = c.conindid
        left join pg_tablespace s on s.oid = x.reltablespace
        -- PostgreSQL attaches no index of an exclusion constraint: there the parent's makes those of its partitions
        where r.relkind in ('r', 'p') and (c.contype in ('p', 'u') or (c.contype = 'x' and c.conparentid = 0))
    ),
    early as (
        with recursive early as (
            select k.oid
            from keyed k
            where k.needed
            union
            select k.oid
            from keyed k
            join early e on e.oid = k.conparentid
        )
        select e.oid
        from early e
    )
    select
        -- before its table is attached: an attached one would be given a key of another name
        case when e.oid is null then 'post' else 'pre' end,
        case when e.oid is null then 100 else 51 end,
        case when e.oid is null then 'pg_constraint'::regclass::oid else 'pg_class'::regclass::oid end,
        case when e.oid is null then k.oid else k.relid end,
        case k.contype when 'p' then 'primary key' when 'u' then 'unique' else 'exclusion' end,
        format('%s.%I', k.name, k.conname),
        concat(
            format(
                'alter table %s%s add constraint %I ',
                case when k.contype <> 'x' or k.relkind <> 'p' then 'only ' end, k.name, k.conname),
            left(k.definition, length(k.definition) - length(k.suffix)),
            case when k.contype <> 'x' then ' WITH (' || freehold._ddl_options(k.reloptions) || ')' end,
            ' USING INDEX TABLESPACE ' || quote_ident(k.spcname),
            k.suffix
        )
    from keyed k
    left join early e on e.oid = k.oid;
end;

comment on function freehold._ddl_constraint(oid) is
'The primary keys, unique and exclusion constraints of a schema, added once the rows are in.';
