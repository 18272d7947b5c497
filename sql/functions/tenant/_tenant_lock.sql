-- The one place where the registry is locked. Row locks, not advisory ones: those any tenant's SQL could take.
create or replace function freehold._tenant_lock(slug text, shared boolean default false) returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_tenant freehold.tenant;
begin
    if shared then
        select * into v_tenant from freehold.tenant as t
        where t.slug = _tenant_lock.slug and t.state <> 'erased' for share;
    else
        select * into v_tenant from freehold.tenant as t
        where t.slug = _tenant_lock.slug and t.state <> 'erased' for update;
    end if;
    if not found then
        raise exception 'no tenant is called %', coalesce(quote_literal(slug), 'null')
            using errcode = 'FH101', hint = 'select slug, state from freehold.tenant_list(); shows them.';
    end if;
    return v_tenant;
exception
    when lock_not_available then
        raise exception 'tenant "%" is busy', slug
            using errcode = 'FH401', detail = 'Another operation holds it.',
                  hint = format('Try again; select * from freehold.operation_list(%L); tells what was done to it.', slug);
end
$$;
