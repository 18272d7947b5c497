-- A template's own schema in the shape of a tenant, under the id by which the ledger knows it. It inherits nothing.
create or replace function freehold._template_home(template freehold.template) returns freehold.tenant
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home freehold.tenant := freehold._template_tenant(template);
begin
    v_home.id := template.id;
    v_home.template := template.name;
    v_home.state := 'active';
    v_home.tier := 'schema';
    v_home.settings := '{}';
    return v_home;
end
$$;
