-- Row types of the deparser. Created once: functions are bound to them, so a change is a migration.
do $$
begin
    if to_regtype('freehold._ddl_part') is null then
        create type freehold._ddl_part as (
            phase text,
            rank integer,
            classid oid,
            objid oid,
            kind text,
            identity text,
            ddl text
        );
        comment on type freehold._ddl_part is
            'One statement of a schema''s DDL: phase, rank of its kind, the catalog object it belongs to.';
    end if;
    if to_regtype('freehold._schema_object_row') is null then
        create type freehold._schema_object_row as (
            classid oid,
            objid oid,
            kind text,
            identity text,
            target text
        );
        comment on type freehold._schema_object_row is
            'One object of a schema; target is what COMMENT ON calls it.';
    end if;
end
$$;
