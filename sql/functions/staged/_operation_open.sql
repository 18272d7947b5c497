-- The staged operation that a tenant or template is in the midst of, if any. One that failed can go on.
create or replace function freehold._operation_open(slug text, kind text) returns freehold.operation
    language sql stable security invoker
begin atomic
    select o.*
    from freehold.operation as o
    left join freehold.tenant as t on t.id = o.tenant_id and t.state in ('provisioning', 'erasing')
    left join freehold.template as m on o.tenant_id is null and m.name = o.slug and m.state <> 'ready'
    where o.slug = _operation_open.slug and o.kind = _operation_open.kind and o.state in ('running', 'failed') and o.staged
        and (t.id is not null or m.name is not null)
    order by o.id desc
    limit 1;
end;
