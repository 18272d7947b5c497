-- security definer: makes roles through a cell. Touches: tenant, operation, event (a row for each tenant); tenants' rows are locked, those
-- that others hold are passed over.
create or replace function freehold.fleet_prepare(max_tenants integer default 50) returns integer
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant;
    v_made integer := 0;
begin
    if max_tenants is null or max_tenants < 1 then
        raise exception 'max_tenants is at least 1' using errcode = 'FH003';
    end if;
    for v_tenant in
        select t.* from freehold.tenant as t
        where t.state = 'active' and (t.ro_role is null or not exists (
            select from pg_proc as p
            where p.proname = freehold._reading_name(t.id) and p.pronamespace = 'freehold_runner'::regnamespace))
        order by t.slug
        for update skip locked
    loop
        begin
            perform freehold._reading_make(v_tenant);
            perform freehold._event_record('fleet_prepare', v_tenant.id, v_tenant.slug);
            v_made := v_made + 1;
        exception
            -- Its code is open to PUBLIC: reader_create() says which. The others are made.
            when sqlstate 'FH303' then
                null;
        end;
        exit when v_made >= max_tenants;
    end loop;
    return v_made;
end
$$;

comment on function freehold.fleet_prepare(integer) is
    'Gives active tenants that have none a reader (reader_create()) and what fleet queries are run by as that reader: max_tenants at '
    'most; returns how many. To be called until it returns 0. One whose reader is refused (FH303) is passed over: reader_create() says '
    'why. Raises FH003 for no number.';
