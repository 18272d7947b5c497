-- Planned under the pinned path and fetched under the schema's, for the reason given in _schema_ddl.
create or replace function freehold._repair_object(ns oid) returns table (classid oid, objid oid, target text)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_row freehold._schema_object_row;
    v_rows freehold._schema_object_row[] := '{}'::freehold._schema_object_row[];
    c_object scroll cursor for select o.* from freehold._schema_object(ns) as o;
begin
    c_object := null;
    open c_object;
    perform set_config('search_path', format('%s, pg_catalog, pg_temp', ns::regnamespace), true);
    loop
        fetch c_object into v_row;
        exit when not found;
        v_rows := pg_catalog.array_append(v_rows, v_row);
    end loop;
    close c_object;
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    return query select o.classid, o.objid, freehold._repair_target('comment', o.target) from unnest(v_rows) as o;
end
$$;

comment on function freehold._repair_object(oid) is 'The objects of a schema by what rows of the deparser hang on.';
