-- security definer: the table is the owner's. Touches: tenant (read).
create or replace function freehold.tenant_get(slug text) returns freehold.tenant
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
begin
    select * into v_tenant from freehold.tenant as t where t.slug = tenant_get.slug and t.state <> 'erased';
    if not found then
        raise exception 'no tenant is called %', coalesce(quote_literal(slug), 'null')
            using errcode = 'FH101', hint = 'select slug, state from freehold.tenant_list() shows them.';
    end if;
    return v_tenant;
end
$$;

comment on function freehold.tenant_get(text) is 'The registry row of a tenant. Raises FH101 for an unknown slug.';
