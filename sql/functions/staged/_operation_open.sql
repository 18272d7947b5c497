-- The staged operation that a tenant is in the midst of, if any. One that failed can go on.
create or replace function freehold._operation_open(slug text, kind text) returns freehold.operation
    language sql stable security invoker
begin atomic
    select o.*
    from freehold.tenant as t
    join freehold.operation as o on o.tenant_id = t.id
    where t.slug = _operation_open.slug and t.state in ('provisioning', 'erasing')
        and o.kind = _operation_open.kind and o.state in ('running', 'failed') and o.staged
    order by o.id desc
    limit 1;
end;
