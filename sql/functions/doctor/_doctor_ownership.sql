create or replace function freehold._doctor_ownership()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with wrong as materialized (
        select o.classid, o.objid as id, o.owner, h.name, h.owner_role
        from freehold._fleet_home() as h
        join freehold._object_owner() as o on o.ns = h.ns and o.owner <> h.owner
    )
    select 'error', format('%s %s', i.type, i.identity), format('belongs to %s', w.owner::regrole),
           format('All in the schema of %s is its owner''s: this is out of its reach, or acts with another''s rights.', w.name),
           format('alter %s %s owner to %I;', i.type, i.identity, w.owner_role)
    from wrong as w
    cross join lateral pg_identify_object(w.classid, w.id, 0) as i
    where not exists (
        select from pg_depend as d
        where d.classid = w.classid and d.objid = w.id
            and (w.classid = 'pg_type'::regclass and d.deptype = 'i'
                 -- Constructors of a range are PostgreSQL's own making.
                 or w.classid = 'pg_proc'::regclass and d.deptype = 'i' and d.refclassid = 'pg_type'::regclass
                 or i.type = 'sequence' and d.deptype in ('a', 'i') and d.refclassid = 'pg_class'::regclass))
$$;
