-- security definer: makes and drops schemas and roles through a cell. Touches: reserve (one row), operation (one row).
create or replace function freehold.reserve_fill_step(template text default 'default', size integer default 10) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_version integer;
    v_busy boolean := false;
    v_reserve freehold.reserve;
    v_missing bigint;
    v_surplus bigint;
    v_operation bigint;
begin
    if size is null or size not between 0 and 10000 then
        raise exception 'the size of a reserve is between 0 and 10000' using errcode = 'FH003';
    end if;
    -- One fills at a time; taking from the reserve goes on. Whoever waited in vain, as others make a schema or a version, has
    -- not failed, and comes again for what is left.
    perform freehold._template_version(reserve_fill_step.template);
    begin
        perform freehold._template_lock(reserve_fill_step.template);
    exception
        when sqlstate 'FH401' then
            v_busy := true;
    end;
    v_version := freehold._template_version(reserve_fill_step.template);
    select size - count(*) filter (where r.version = v_version),
           count(*) filter (where r.version <> v_version)
               + greatest(count(*) filter (where r.version = v_version) - size, 0)
    into v_missing, v_surplus
    from freehold.reserve as r
    where r.template = reserve_fill_step.template;
    if v_busy then
        return v_surplus + greatest(v_missing, 0);
    end if;

    -- What is stale goes first: its place may be needed.
    if v_surplus > 0 then
        delete from freehold.reserve as r
        where r.id = (
            select f.id from freehold.reserve as f
            where f.template = reserve_fill_step.template
            order by f.version = v_version, f.id
            limit 1
            for update skip locked)
        returning * into v_reserve;
        -- Nothing free to be dropped: what is left is being claimed this moment.
        if v_reserve.id is null then
            return 0;
        end if;
        v_operation := freehold._operation_begin('reserve_drop', null, reserve_fill_step.template, to_jsonb(v_reserve));
        perform freehold._schema_drop(v_reserve.cell, v_reserve.schema_name, array[v_reserve.owner_role, v_reserve.rw_role]);
        perform freehold._audit_drop(v_reserve.tenant_id);
        perform freehold._operation_end(v_operation);
        return greatest(v_surplus - 1, 0) + greatest(v_missing, 0);
    end if;
    if v_missing > 0 then
        v_operation := freehold._operation_begin('reserve_make', null, reserve_fill_step.template);
        v_reserve := freehold._reserve_make(reserve_fill_step.template, v_version);
        perform freehold._operation_end(v_operation, to_jsonb(v_reserve));
        return v_missing - 1;
    end if;
    return 0;
end
$$;

comment on function freehold.reserve_fill_step(text, integer) is
    'One transaction''s worth of reserve_fill(): drops one stale schema or makes one; neither where another session was at work on '
    'the template for as long as a lock is waited for. Returns how many are left to do: call it, in a transaction each, until that '
    'is 0. Raises FH003 for a bad size, FH102 and FH208 for a template that is unknown or was never frozen, FH202 for one that is '
    'being adopted or dropped, FH402 for one that is too large to be built in one transaction.';
