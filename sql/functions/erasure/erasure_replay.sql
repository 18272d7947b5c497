-- security definer: shuts out and drops through a cell. Touches: tenant, operation, legal_hold, event, and what an erasure does.
-- The tenant is known by its id alone: a slug may be another's by now.
create or replace function freehold.erasure_replay(tenant_id uuid, erased_at timestamptz, certificate text default null)
    returns setof freehold.tenant
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_reason constant text := format('erased on %s, replayed after a restore', freehold._utc(erased_at));
    v_tenant freehold.tenant;
    v_operation freehold.operation;
begin
    if erased_at is null then
        raise exception 'a replay needs the time of the erasure' using errcode = 'FH003';
    end if;
    select t.* into v_tenant from freehold.tenant as t where t.id = erasure_replay.tenant_id;
    if not found or v_tenant.state = 'erased' then
        return query select t.* from freehold.tenant as t where t.id = erasure_replay.tenant_id;
        return;
    end if;
    v_tenant := freehold._tenant_lock(v_tenant.slug);
    if v_tenant.id <> tenant_id or v_tenant.created_at >= erased_at then
        raise exception 'the erasure of % is not that of tenant "%"', freehold._utc(erased_at), v_tenant.slug
            using errcode = 'FH202', detail = format('It was made on %s.', freehold._utc(v_tenant.created_at)),
                  hint = 'The ledger is of another installation, or the clock was changed.';
    end if;
    -- What was set before had been released when it was erased; what was set since stands.
    update freehold.legal_hold as h
    set released_at = v_now, released_by = freehold.actor_current(), release_reason = v_reason
    where h.tenant_id = v_tenant.id and h.released_at is null and h.set_at < erasure_replay.erased_at;
    if v_tenant.state in ('active', 'suspended') then
        perform freehold._event_record('erasure_replay', v_tenant.id, v_tenant.slug, v_reason,
                                       jsonb_build_object('state', v_tenant.state, 'certificate', certificate));
        perform freehold.tenant_retire(v_tenant.slug, interval '0', v_reason);
        return query select t.* from freehold.tenant as t where t.id = v_tenant.id;
        return;
    end if;
    update freehold.tenant as t set erase_after = v_now where t.id = v_tenant.id and t.erase_after > v_now;
    v_operation := freehold._operation_open(v_tenant.slug, 'erase');
    if v_operation.id is null and v_tenant.state = 'provisioning' then
        select * into v_operation from freehold._operation_open(v_tenant.slug, 'clone') as o
        where o.id is not null
        union all
        select * from freehold._operation_open(v_tenant.slug, 'provision') as o where o.id is not null
        limit 1;
        perform freehold.operation_undo_step(v_operation.id);
    else
        v_operation := freehold.tenant_erase_step(v_tenant.slug, v_reason);
    end if;
    update freehold.operation as o
    set detail = o.detail || jsonb_build_object('replay_of', jsonb_build_object('erased_at', freehold._utc(erased_at),
                                                                              'certificate', certificate))
    where o.kind = 'erase' and o.tenant_id = v_tenant.id and o.id = (
        select max(l.id) from freehold.operation as l where l.kind = 'erase' and l.slug = v_tenant.slug);
    return query select t.* from freehold.tenant as t where t.id = v_tenant.id;
end
$$;

comment on function freehold.erasure_replay(uuid, timestamptz, text) is
    'Erases again a tenant that a restore brought back, as the erasure ledger outside the database says: the first call shuts it out '
    'and retires it without grace, each further one is a step of the erasure; call it until the state is erased. No row when the '
    'database does not know the tenant. Holds that were set before that erasure are over, others stop it. Raises FH003 without a '
    'time, FH202 when the tenant was made after it, and what tenant_erase_step() raises.';
