-- The tenant that a role belongs to, by its name, which is made of the schema's, or by its break-glass row; null where it is nobody's.
create or replace function freehold._role_tenant(role name) returns freehold.tenant
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select t
    from freehold.tenant as t
    where t.schema_name = regexp_replace(role, '_(owner|rw|ro)$', '')::name and t.state <> 'erased'
        and role = any (freehold._tenant_roles(t))
    union all
    select t
    from freehold.break_glass as g
    join freehold.tenant as t on t.id = g.tenant_id
    where role ~ '_bg_[0-9a-f]{20}$' and g.login = role
$$;
