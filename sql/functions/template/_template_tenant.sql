-- A template in the shape of a tenant, for the functions that work on those. It has no id: its operations go by its name.
create or replace function freehold._template_tenant(template freehold.template) returns freehold.tenant
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
begin
    v_tenant.slug := template.name;
    v_tenant.cell := template.cell;
    v_tenant.schema_name := template.schema_name;
    v_tenant.owner_role := template.owner_role;
    v_tenant.rw_role := template.rw_role;
    return v_tenant;
end
$$;
