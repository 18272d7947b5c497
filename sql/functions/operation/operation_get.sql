-- security definer: the table is the owner's. Touches: operation (read).
create or replace function freehold.operation_get(id bigint) returns freehold.operation
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_operation freehold.operation;
begin
    select * into v_operation from freehold.operation as o where o.id = operation_get.id;
    if not found then
        raise exception 'no operation has the id %', id
            using errcode = 'FH103', hint = 'select * from freehold.operation_list(); shows the newest.';
    end if;
    return v_operation;
end
$$;

comment on function freehold.operation_get(bigint) is 'One operation. Raises FH103 for an unknown id.';
