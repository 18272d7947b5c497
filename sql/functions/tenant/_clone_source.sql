-- The source of a clone, its registry row locked shared: that it may be cloned, and that all of it can be carried.
create or replace function freehold._clone_source(slug text) returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_source constant freehold.tenant := freehold._tenant_lock(slug, shared => true);
begin
    if v_source.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', slug, v_source.state
            using errcode = 'FH202', detail = 'Only an active or suspended tenant can be cloned.';
    end if;
    perform freehold._schema_check(quote_ident(v_source.schema_name)::regnamespace);
    return v_source;
end
$$;
