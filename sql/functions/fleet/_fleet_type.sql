-- The type that a client may read a column as: what a domain is of, and nothing whose input looks names up or runs code of a tenant's.
create or replace function freehold._fleet_type(type oid) returns name
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive base (oid) as (
        select _fleet_type.type
        union all
        select t.typbasetype from base as b join pg_type as t on t.oid = b.oid where t.typtype = 'd'
    )
    select coalesce((
        select t.typname
        from base as b
        join pg_type as t on t.oid = b.oid
        where t.typnamespace = 'pg_catalog'::regnamespace
            and regexp_replace(t.typname, '^_', '') = any (array[
                'bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'varchar', 'bpchar', 'name', 'uuid', 'bytea', 'date',
                'time', 'timetz', 'timestamp', 'timestamptz', 'interval', 'inet', 'cidr', 'macaddr', 'json', 'jsonb', 'int4range',
                'int8range', 'numrange', 'daterange', 'tsrange', 'tstzrange'])
        limit 1), 'jsonb')
$$;
