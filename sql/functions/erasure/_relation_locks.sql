-- Locks that dropping the relations of a schema takes, as measured, the newest table first; of so many at most (null: of all). A
-- drop locks the relation and every object that belongs to it. Triggers are apart, as making them locks nothing more, and count
-- twice: those of a foreign key go with what it refers to as well, and that may be in another batch.
create or replace function freehold._relation_locks(ns oid, max_relations bigint default null)
    returns table (relation oid, relkind "char", locks bigint, triggers bigint)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with candidate as materialized (
        select c.oid, c.relkind, c.reltoastrelid
        from pg_depend as d
        join pg_class as c on c.oid = d.objid
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_class'::regclass
        order by c.relkind not in ('r', 'p'), c.oid desc
        limit max_relations
    )
    select c.oid, c.relkind,
           case c.relkind when 'S' then 1 else 3 end + case c.reltoastrelid when 0 then 0 else 2 end
           + (select count(*) from pg_index as i where i.indrelid = c.oid)
           + (select count(*) from pg_constraint as k where k.conrelid = c.oid)
           + (select count(*) from pg_attrdef as a where a.adrelid = c.oid)
           + (select count(*) from pg_policy as p where p.polrelid = c.oid)
           + (select count(*) from pg_rewrite as w where w.ev_class = c.oid),
           (select count(*) * 2 from pg_trigger as t where t.tgrelid = c.oid)
    from candidate as c
$$;
