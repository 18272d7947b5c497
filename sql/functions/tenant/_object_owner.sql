-- Who owns what is in schemas, and the schemas. Row types, array types and the sequences of columns follow what they belong to.
-- A body that is bound at creation, without a SET clause: it becomes part of the query that asks it.
create or replace function freehold._object_owner() returns table (classid oid, objid oid, ns oid, owner oid)
    language sql stable security invoker
begin atomic
    select 'pg_class'::regclass, oid, relnamespace, relowner from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all select 'pg_proc'::regclass, oid, pronamespace, proowner from pg_proc
    union all select 'pg_type'::regclass, oid, typnamespace, typowner from pg_type
    union all select 'pg_operator'::regclass, oid, oprnamespace, oprowner from pg_operator
    union all select 'pg_opclass'::regclass, oid, opcnamespace, opcowner from pg_opclass
    union all select 'pg_opfamily'::regclass, oid, opfnamespace, opfowner from pg_opfamily
    union all select 'pg_collation'::regclass, oid, collnamespace, collowner from pg_collation
    union all select 'pg_conversion'::regclass, oid, connamespace, conowner from pg_conversion
    union all select 'pg_statistic_ext'::regclass, oid, stxnamespace, stxowner from pg_statistic_ext
    union all select 'pg_ts_config'::regclass, oid, cfgnamespace, cfgowner from pg_ts_config
    union all select 'pg_ts_dict'::regclass, oid, dictnamespace, dictowner from pg_ts_dict
    union all select 'pg_namespace'::regclass, oid, oid, nspowner from pg_namespace;
end;
