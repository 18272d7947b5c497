-- The erasure of a tenant that is erased, its row locked.
create or replace function freehold._erasure_get(tenant_id uuid) returns freehold.operation
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_operation freehold.operation;
begin
    select o.* into v_operation
    from freehold.tenant as t
    join freehold.operation as o on o.slug = t.slug and o.tenant_id = t.id and o.kind = 'erase' and o.state = 'done'
    where t.id = _erasure_get.tenant_id and t.state = 'erased'
    order by o.id desc
    limit 1
    for update of o;
    if not found then
        raise exception 'no tenant with the id % is erased', coalesce(tenant_id::text, 'null')
            using errcode = 'FH122', hint = 'select tenant_id, slug, state from freehold.erasure_list(); shows the erasures.';
    end if;
    return v_operation;
end
$$;
