-- Closes what there is of a tenant: all, or those with one access. Its row is locked. Touches: break_glass.
create or replace function freehold._break_glass_end(tenant freehold.tenant, reason text, access text default null) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_glass freehold.break_glass;
begin
    for v_glass in
        select *
        from freehold.break_glass as g
        where g.tenant_id = tenant.id and g.state in ('pending', 'open')
            and (_break_glass_end.access is null or g.access = _break_glass_end.access)
        order by g.id
        for update
    loop
        perform freehold._break_glass_shut(v_glass, 'closed', reason);
    end loop;
end
$$;
