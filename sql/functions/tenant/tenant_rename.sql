-- security definer: renames schema and roles through a cell. Touches: tenant, operation (one row each).
create or replace function freehold.tenant_rename(slug text, new_slug text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_old constant freehold.tenant := freehold._tenant_lock(slug);
    v_new freehold.tenant;
    v_operation bigint;
begin
    perform freehold._slug_check(new_slug);
    if v_old.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', slug, v_old.state
            using errcode = 'FH202', detail = 'Only an active or suspended tenant can be renamed.';
    end if;
    if exists (select from freehold.tenant as t where t.slug = new_slug and t.state <> 'erased') then
        raise exception 'tenant "%" exists', new_slug using errcode = 'FH201';
    end if;
    perform freehold._slug_open(new_slug);
    v_operation := freehold._operation_begin('rename', v_old.id, slug, jsonb_build_object('new_slug', new_slug));
    v_new := v_old;
    v_new.slug := new_slug;
    if freehold._setting_value('naming') = 'slug' then
        v_new.schema_name := freehold._setting_value('schema_prefix') || replace(new_slug, '-', '_');
        v_new.owner_role := v_new.schema_name || '_owner';
        v_new.rw_role := v_new.schema_name || '_rw';
        v_new.ro_role := case when v_old.ro_role is not null then v_new.schema_name || '_ro' end;
        perform freehold._name_free(v_new.schema_name, freehold._tenant_roles(v_new));
        perform freehold._schema_check(quote_ident(v_old.schema_name)::regnamespace, in_place => true);
        perform freehold._schema_rename(v_old, v_new);
    end if;
    update freehold.tenant as t
    set slug = v_new.slug, schema_name = v_new.schema_name, owner_role = v_new.owner_role, rw_role = v_new.rw_role,
        ro_role = v_new.ro_role, changed_at = freehold._now()
    where t.id = v_old.id
    returning * into v_new;
    perform pg_notify('freehold_tenant', '');
    perform freehold._operation_end(v_operation);
    return v_new;
exception
    when unique_violation then
        raise exception 'tenant "%" exists', new_slug using errcode = 'FH201';
end
$$;

comment on function freehold.tenant_rename(text, text) is
    'Gives a tenant another slug; schema and roles follow, and so do functions that set their own search_path. Under opaque '
    'naming only the slug changes. Raises FH001 for a bad slug, FH201 for one that is taken, FH202 unless the tenant is active or '
    'suspended, FH006 for function bodies that name the schema, FH222 while the erasure of a former tenant of that slug has open tasks.';
