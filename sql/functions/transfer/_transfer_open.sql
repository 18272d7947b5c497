-- The export or restore of a tenant that this transaction has begun and not ended; ending: now it does. Touches: operation (one row).
create or replace function freehold._transfer_open(kind text, tenant freehold.tenant, ending boolean) returns bigint
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    select o.id into v_id
    from freehold.operation as o
    where o.kind = _transfer_open.kind and o.tenant_id = tenant.id and o.state = 'running'
    order by o.id desc
    limit 1;
    if v_id is null then
        raise exception 'no % of tenant "%" was begun in this transaction', kind, tenant.slug using errcode = 'FH232';
    end if;
    if ending then
        update freehold.operation as o set detail = o.detail || '{"ending": true}' where o.id = v_id;
    end if;
    return v_id;
end
$$;
