-- What masking takes a type for. Types of a schema and of extensions count by their category.
create or replace function freehold._mask_class(type oid) returns text
    language sql stable security invoker
begin atomic
    select case
        when t.oid in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype) or t.typname = 'citext' then 'text'
        when t.oid in ('bytea'::regtype, 'uuid'::regtype, 'json'::regtype, 'jsonb'::regtype, 'numeric'::regtype, 'date'::regtype,
                       'inet'::regtype, 'cidr'::regtype, 'macaddr'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
            then t.typname::text
        when t.oid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) then 'integer'
        when t.oid = 'tsvector'::regtype then 'words'
        when t.typcategory in ('B', 'E') then 'choice'
        when t.typcategory = 'N' then 'float'
        when t.typcategory = 'G' then 'place'
        when t.typcategory in ('D', 'T') then 'time'
        else 'other' end
    from pg_type as t
    where t.oid = _mask_class.type;
end;
