-- Refuses a schema that its owner opened to PUBLIC, to freehold's own roles or to another tenant's: no code of it may come
-- within their reach, or on a caller's path.
create or replace function freehold._reach_check(schema_name name) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_foreign oid[];
    v_prefix name;
    v_refused text;
begin
    select array_agg(a.grantee) into v_foreign
    from pg_namespace as n
    cross join lateral aclexplode(n.nspacl) as a
    where n.nspname = schema_name and a.grantee <> n.nspowner
        and pg_get_userbyid(a.grantee) <> all (array[current_user, schema_name || '_rw', schema_name || '_ro']);
    if v_foreign is null then
        return;
    end if;
    v_prefix := freehold._role('');
    select string_agg(coalesce(r.rolname, 'public'), ', ') into v_refused
    from unnest(v_foreign) as f (role)
    left join pg_roles as r on r.oid = f.role
    where f.role = 0
        or (starts_with(r.rolname, v_prefix)
            -- The roles of a tenant are named after its schema, which has an index.
            or exists (select from freehold.tenant as t
                       where t.state <> 'erased' and r.rolname = any (freehold._tenant_roles(t))
                           and t.schema_name = regexp_replace(r.rolname, '_(owner|rw|ro)$', '')::name))
            and r.rolname <> all (array[
                v_prefix || 'owner', schema_name || '_rw', schema_name || '_ro',
                v_prefix || schema_name || '_rw', v_prefix || schema_name || '_ro']);
    if v_refused is not null then
        raise exception 'schema "%" may not be opened to %', schema_name, v_refused
            using errcode = 'FH303', hint = 'Grant its use to the role that needs it, not to other tenants or to freehold''s own.';
    end if;
end
$$;
