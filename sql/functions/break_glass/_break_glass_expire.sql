-- Ends what is overdue and sweeps what was ended by an earlier transaction; of one tenant, or of all. What somebody else is at is left
-- to him. One that cannot be ended says why in its row, and does not keep the others. Touches: break_glass.
create or replace function freehold._break_glass_expire(tenant_id uuid default null) returns setof freehold.break_glass
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_glass freehold.break_glass;
begin
    for v_glass in
        select *
        from freehold.break_glass as g
        where (g.state in ('pending', 'open') and g.expires_at <= freehold._now()
               or g.state not in ('pending', 'open') and g.login is not null and g.removed_at is null
                  and g.closed_xid <> pg_current_xact_id())
            and (_break_glass_expire.tenant_id is null or g.tenant_id = _break_glass_expire.tenant_id)
        order by g.id
        for update skip locked
    loop
        begin
            if v_glass.state in ('pending', 'open') then
                v_glass := freehold._break_glass_shut(v_glass, 'expired');
            else
                v_glass := freehold._break_glass_sweep(v_glass);
            end if;
        exception
            when others then
                update freehold.break_glass as g set failure = format('%s (%s)', sqlerrm, sqlstate) where g.id = v_glass.id
                returning * into v_glass;
        end;
        return next v_glass;
    end loop;
end
$$;
