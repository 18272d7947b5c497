-- security definer: makes and drops schemas and roles through a cell. Touches: reserve, operation (one row each), operation_script.
create or replace function freehold.reserve_fill_step(template text default 'default', size integer default 10) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_version integer;
    v_due record;
    v_reserve freehold.reserve;
    v_operation freehold.operation;
begin
    if size is null or size not between 0 and 10000 then
        raise exception 'the size of a reserve is between 0 and 10000' using errcode = 'FH003';
    end if;
    -- One fills at a time, and another goes on with what he has begun; taking from the reserve goes on. Whoever waited in vain, as
    -- others make a schema or a version, has not failed, and comes again for what is left.
    perform freehold._template_version(reserve_fill_step.template);
    begin
        v_version := (freehold._template_lock(reserve_fill_step.template)).version;
    exception
        when sqlstate 'FH401' then
            null;
    end;
    select * into v_due
    from freehold._reserve_due(reserve_fill_step.template,
                               coalesce(v_version, freehold._template_version(reserve_fill_step.template)), size);
    -- What is stale goes before anything is begun: its place may be needed.
    if v_version is null then
        null;
    elsif v_due.wanted then
        select * into v_reserve from freehold.reserve as r where r.operation_id = v_due.begun;
        v_operation := freehold._reserve_build(v_reserve);
    elsif v_due.makes then
        v_operation := freehold.operation_undo_step(v_due.begun);
    elsif v_due.begun is not null then
        v_operation := freehold.operation_step(v_due.begun);
    elsif v_due.surplus > 0 then
        select * into v_reserve from freehold.reserve as r
        where r.template = reserve_fill_step.template
        order by r.version = v_version, r.id
        limit 1
        for update skip locked;
        -- Nothing free to be dropped: what is left is being claimed this moment.
        if v_reserve.id is null then
            return 0;
        end if;
        v_operation := freehold._reserve_drop(v_reserve, null);
    elsif v_due.missing > 0 then
        v_operation := freehold._reserve_begin(reserve_fill_step.template, v_version);
    end if;
    return v_due.missing + v_due.surplus - case v_operation.state when 'done' then 1 else 0 end;
end
$$;

comment on function freehold.reserve_fill_step(text, integer) is
    'One transaction''s worth of reserve_fill(): goes on with the schema that was begun, or begins to drop a stale one or to make one, '
    'which a small template''s is made by at once; nothing where another session was at work on the template for as long as a lock is '
    'waited for. Returns how many schemas are left to make or drop: call it, in a transaction each, until that is 0. Raises FH003 for a '
    'bad size, FH102 and FH208 for a template that is unknown or was never frozen, FH202 for one that is being adopted or dropped, '
    'FH206 when something outside a schema that is to be dropped depends on it.';
