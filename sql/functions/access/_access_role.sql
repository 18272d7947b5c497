-- The runtime role of a tenant by what it is for: 'write' or 'read'.
create or replace function freehold._access_role(tenant freehold.tenant, access text) returns name
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if access is null or access not in ('write', 'read') then
        raise exception 'access is write or read, not %', coalesce(quote_literal(access), 'null') using errcode = 'FH003';
    end if;
    if access = 'read' and tenant.ro_role is null then
        raise exception 'tenant "%" has no reader', tenant.slug
            using errcode = 'FH104', hint = format('select freehold.reader_create(%L) makes one.', tenant.slug);
    end if;
    return case access when 'write' then tenant.rw_role else tenant.ro_role end;
end
$$;
