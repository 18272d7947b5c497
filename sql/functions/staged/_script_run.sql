-- Runs the next statements of a staged operation in a tenant's or template's schema, until this transaction holds a third of the
-- lock table's room, which leaves the rest to other sessions. True when none is left.
-- Touches: operation (one row), operation_script (read; deleted at the end).
create or replace function freehold._script_run(operation_id bigint, tenant freehold.tenant, source freehold.tenant) returns boolean
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_chunk constant integer := 50;
    v_budget constant bigint := greatest(freehold._lock_room() / 3, 100);
    v_detail constant jsonb := (select o.detail from freehold.operation as o where o.id = operation_id);
    v_done bigint := (v_detail ->> 'done')::bigint;
    v_script text;
    v_phase text;
    v_last integer;
begin
    loop
        select s.phase into v_phase
        from freehold.operation_script as s
        where s.operation_id = _script_run.operation_id and s.ordinal = v_done + 1;
        exit when not found;
        select string_agg(s.ddl, E';\n' order by s.ordinal), max(s.ordinal) into v_script, v_last
        from freehold.operation_script as s
        where s.operation_id = _script_run.operation_id and s.phase = v_phase
            and s.ordinal between v_done + 1 and v_done + c_chunk;
        if v_phase = 'data' and source.id is not null then
            if source.changed_at is distinct from (v_detail ->> 'source_changed_at')::timestamptz then
                raise exception 'tenant "%" was changed while it is being copied', source.slug
                    using errcode = 'FH202',
                          detail = 'Its rows are read in several transactions; writers in between would tear the copy.',
                          hint = format('Take this back by call freehold.operation_undo(%s); and begin again.', operation_id);
            end if;
            perform set_config('freehold.mask_salt', coalesce(
                (select s.ddl from freehold.operation_script as s
                 where s.operation_id = _script_run.operation_id and s.ordinal = 0), ''), true);
            perform freehold._copy_run(source, tenant, v_script, staged => null);
            perform set_config('freehold.mask_salt', '', true);
        elsif source.id is not null then
            perform freehold._clone_run(tenant, v_script, staged => null);
        else
            perform freehold._owner_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_script);
        end if;
        v_done := v_last;
        exit when freehold._lock_count() >= v_budget;
    end loop;
    update freehold.operation as o
    set detail = o.detail || jsonb_build_object('done', v_done), stepped_at = freehold._now()
    where o.id = operation_id;
    if exists (select from freehold.operation_script as s
               where s.operation_id = _script_run.operation_id and s.ordinal = v_done + 1) then
        return false;
    end if;
    delete from freehold.operation_script as s where s.operation_id = _script_run.operation_id;
    return true;
end
$$;
