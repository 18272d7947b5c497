-- security definer: alters a role through a cell. Touches: tenant, operation (one row each).
create or replace function freehold.login_enable(
    slug text, access text default 'write', verifier text default null, connection_limit integer default null
) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_role constant name := freehold._access_role(v_tenant, access);
    v_operation bigint;
begin
    if v_tenant.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', slug, v_tenant.state
            using errcode = 'FH202', detail = 'Only an active or suspended tenant can be given a login.';
    end if;
    perform freehold._verifier_check(verifier);
    if connection_limit < -1 then
        raise exception 'a connection limit is a number, or -1 for none' using errcode = 'FH003';
    end if;
    if connection_limit not between 0 and (v_tenant.limits ->> 'connections')::integer then
        raise exception 'tenant "%" is limited to % connections', slug, v_tenant.limits ->> 'connections'
            using errcode = 'FH003',
                  hint = case when connection_limit < 0 then format('select freehold.limit_reset(%L, ''connections'');', slug)
                              else format('select freehold.limit_set(%L, ''connections'', %L);', slug, connection_limit::text) end;
    end if;
    v_operation := freehold._operation_begin('login_enable', v_tenant.id, slug,
        jsonb_build_object('access', access, 'role', v_role, 'connection_limit', connection_limit));
    update freehold.tenant as t
    set rw_login = t.rw_login or access = 'write', ro_login = t.ro_login or access = 'read', changed_at = freehold._now()
    where t.id = v_tenant.id
    returning * into v_tenant;
    perform freehold._cell_run(v_tenant.cell, concat_ws('; ',
        freehold._login_path(v_role, v_tenant.schema_name),
        case when v_tenant.state = 'active' then format('alter role %I login', v_role) end,
        case when verifier is not null then format('alter role %I password %L', v_role, verifier) end,
        case when connection_limit is not null then format('alter role %I connection limit %s', v_role, connection_limit) end));
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.login_enable(text, text, text, integer) is
    'Lets a tenant''s runtime role log in by itself, the isolation level login: access is write (<schema>_rw) or read '
    '(<schema>_ro). Its path is its schema. verifier is a SCRAM-SHA-256 verifier, never a password; without one the password '
    'stays as it is, or is none. connection_limit counts sessions, -1 is no limit; it may be lower than limit_set() says, not '
    'higher. A suspended tenant''s login opens when it is resumed. Raises FH101 for an unknown slug, FH104 for a tenant without '
    'reader, FH202 unless the tenant is active or suspended, FH003 for bad arguments.';
