-- What a schema's own names are replaced by is no identifier, so that no two definitions become alike. A sum does not depend on the
-- order in which the catalogs are read, and a second one with another seed makes it 128 bits.
create or replace function freehold._drift_hash(schemas oid[]) returns table (ns oid, hash text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select i.ns,
           case when bool_or(i.item is null) then null
                else concat_ws(' ', count(*), sum(hashtextextended(n.item, 0)::numeric), sum(hashtextextended(n.item, 1)::numeric)) end
    from (
        select r.ns, r.item from freehold._drift_relation(schemas) as r
        union all
        select o.ns, o.item from freehold._drift_object(schemas) as o
    ) as i
    join freehold._drift_home(schemas) as h on h.ns = i.ns
    cross join lateral (select replace(i.item, quote_ident(h.name) || '.', '<schema>.') as item) as n
    group by i.ns
$$;

comment on function freehold._drift_hash(oid[]) is
    'One hash for each of many schemas, from the catalogs: equal hashes mean equal fingerprints, others mean nothing. Null where a '
    'schema holds what it does not cover.';
