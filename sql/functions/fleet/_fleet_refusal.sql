-- Why a tenant cannot be asked; null where it can.
create or replace function freehold._fleet_refusal(slug text, tenant freehold.tenant, out error_code text, out error text)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if tenant.id is null then
        error_code := 'FH101';
        error := format('no tenant is called %s', coalesce(quote_literal(slug), 'null'));
    elsif tenant.state <> 'active' then
        error_code := case tenant.state when 'suspended' then 'FH302' when 'retired' then 'FH304' else 'FH202' end;
        error := format('tenant "%s" is %s', slug, tenant.state);
    elsif tenant.ro_role is null or to_regproc(format('freehold_runner.%I', freehold._reading_name(tenant.id))) is null then
        error_code := 'FH104';
        error := format('tenant "%s" has no reader for fleet queries: select freehold.fleet_prepare();', slug);
    end if;
end
$$;
