-- security definer: drops schema and roles through a cell. Touches: tenant, operation (one row each).
-- One transaction's worth of an erasure: what the lock table takes. A small tenant is gone after the first step.
create or replace function freehold.tenant_erase_step(slug text, reason text default null) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_roles constant name[] := freehold._tenant_roles(v_tenant);
    v_role_ids constant oid[] := array(select r.oid from pg_roles as r where r.rolname = any (v_roles));
    v_ns constant oid := to_regnamespace(quote_ident(v_tenant.schema_name));
    v_operation freehold.operation;
    v_batch name[];
    v_residue text[];
begin
    if v_tenant.state = 'retired' and v_tenant.erase_after > freehold._now() then
        raise exception 'tenant "%" is kept until %', slug, to_char(v_tenant.erase_after, 'YYYY-MM-DD HH24:MI TZ')
            using errcode = 'FH207', hint = format('select freehold.tenant_reinstate(%L); brings it back before that.', slug);
    end if;
    if v_tenant.state = 'retired' and coalesce(btrim(reason), '') = '' then
        raise exception 'an erasure needs a reason'
            using errcode = 'FH003', detail = 'The operation log keeps it.',
                  hint = format('Say why: call freehold.tenant_erase(%L, ''...'');', slug);
    end if;
    perform freehold._outside_check(v_tenant.schema_name, v_roles);
    if v_tenant.state = 'erasing' then
        select * into v_operation from freehold.operation as o
        where o.slug = tenant_erase_step.slug and o.tenant_id = v_tenant.id and o.kind = 'erase' and o.state = 'running';
    end if;
    if v_operation.id is null then
        if v_tenant.state <> 'erasing' then
            v_tenant := freehold._tenant_transition(v_tenant, 'erasing', reason);
        end if;
        v_operation.id := freehold._operation_begin('erase', v_tenant.id, slug, jsonb_build_object(
            'reason', reason,
            'inventory', (select coalesce(jsonb_object_agg(i.kind, i.n), '{}')
                          from (select o.kind, count(*) as n from freehold._schema_object(v_ns) as o group by o.kind) as i)));
    end if;

    v_batch := freehold._erase_batch(v_ns);
    if v_batch is not null then
        perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role,
            (select 'drop table ' || string_agg(format('%I.%I', v_tenant.schema_name, b), ', ') || ' cascade' from unnest(v_batch) as b));
        update freehold.operation as o
        set detail = jsonb_set(o.detail, '{dropped}', to_jsonb(coalesce((o.detail ->> 'dropped')::integer, 0) + cardinality(v_batch)))
        where o.id = v_operation.id
        returning * into v_operation;
        return v_operation;
    end if;

    perform freehold._schema_drop(v_tenant.cell, v_tenant.schema_name, v_roles);
    v_tenant := freehold._tenant_transition(v_tenant, 'erased');
    update freehold.tenant as t
    set erased_at = freehold._now(), display_name = null, external_id = null, external_id_key = null, settings = '{}',
        template = null, template_version = null, state_reason = null, suspension = null
    where t.id = v_tenant.id
    returning * into v_tenant;
    v_residue := array(select r.what from freehold._erase_residue(v_tenant, v_role_ids) as r order by r.what);
    return freehold._operation_end(v_operation.id, jsonb_build_object('residue', v_residue));
end
$$;

comment on function freehold.tenant_erase_step(text, text) is
    'One transaction''s worth of an erasure, for clients that cannot CALL outside a transaction: call it until the operation it '
    'returns is no longer running. The last one lists what was found left over in detail.residue. The first needs a reason. '
    'Raises FH003 without one, FH101 for an unknown slug, FH202 unless the tenant is retired or erasing, FH206 when something '
    'outside depends on the schema, FH207 before the grace period is over.';
