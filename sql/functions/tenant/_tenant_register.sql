-- The registry row of a tenant to be: everything that can be wrong with the arguments is found here.
-- The state is another than provisioning where the tenant is finished in the same transaction.
-- Touches: tenant (one row). A second caller with the same slug waits for the first, at most the lock timeout.
create or replace function freehold._tenant_register(
    slug text, template text, version integer, display_name text, external_id text, settings jsonb,
    reserve freehold.reserve default null, state text default 'provisioning'
) returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_schema name;
    v_tenant freehold.tenant;
begin
    perform freehold._slug_check(slug), freehold._slug_open(slug), freehold._registration_check(display_name, settings);
    -- Under opaque naming a ready-made schema keeps the name it has.
    v_schema := case when freehold._setting_value('naming') <> 'opaque'
                     then freehold._setting_value('schema_prefix') || replace(slug, '-', '_')
                     else coalesce(reserve.schema_name, freehold._setting_value('schema_prefix')
                                                        || left(replace(gen_random_uuid()::text, '-', ''), 20)) end;
    insert into freehold.tenant
        (id, slug, schema_name, owner_role, rw_role, state, template, template_version, base_version, display_name,
         external_id, external_id_key, settings, cell, created_at, changed_at)
    values
        (coalesce(reserve.tenant_id, gen_random_uuid()), slug, v_schema, v_schema || '_owner', v_schema || '_rw',
         _tenant_register.state, template, version, version, display_name, external_id, freehold._external_id_key(external_id),
         settings, coalesce(reserve.cell, freehold._cell_pick()), v_now, v_now)
    on conflict do nothing
    returning * into v_tenant;
    if not found then
        select * into v_tenant from freehold.tenant as t
        where t.slug = _tenant_register.slug and t.state <> 'erased';
        if found then
            raise exception 'tenant "%" exists', slug
                using errcode = 'FH201', detail = format('It is %s, since %s.', v_tenant.state, v_tenant.created_at::date);
        end if;
        select * into v_tenant from freehold.tenant as t
        where t.external_id_key = freehold._external_id_key(_tenant_register.external_id) and t.state <> 'erased';
        raise exception 'external id % is taken', quote_literal(external_id)
            using errcode = 'FH203',
                  detail = format('Tenant "%s" has %L, which is the same without case and punctuation.',
                                  v_tenant.slug, v_tenant.external_id);
    end if;
    perform freehold._name_free(v_tenant.schema_name, array[v_tenant.owner_role, v_tenant.rw_role])
    where v_tenant.schema_name is distinct from reserve.schema_name;
    return v_tenant;
exception
    when lock_not_available then
        raise exception 'slug "%" is being provisioned', slug
            using errcode = 'FH401', hint = 'Try again when the other operation has ended.';
end
$$;
