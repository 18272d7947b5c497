-- Opens: makes the login and puts it into the tenant's runtime role, from 16 on so that it inherits and cannot SET ROLE to it, as a
-- session that has done so keeps its rights after a REVOKE. CONNECT, and what tenants may call, it inherits as well. Without a verifier
-- it cannot log in until it has got one. The clock of VALID UNTIL is the server's. The tenant's row is locked.
-- Touches: break_glass (one row); tenant (one row) where a reader is made.
create or replace function freehold._break_glass_make(
    tenant freehold.tenant, glass freehold.break_glass, verifier text default null, approved_by name default null
) returns freehold.break_glass
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_login constant name := freehold._role('bg_') || substr(replace(gen_random_uuid()::text, '-', ''), 13);
    -- Whatever the session's DateStyle makes of time zones.
    v_until constant text := to_char((clock_timestamp() + glass.ttl) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00';
    v_limits text[];
    v_role name;
begin
    if tenant.state <> 'active' then
        raise exception 'tenant "%" is %', tenant.slug, tenant.state
            using errcode = 'FH202', detail = 'Its runtime roles are shut out, and staff would be as well.',
                  hint = case tenant.state when 'suspended' then format('select freehold.tenant_resume(%L);', tenant.slug) end;
    end if;
    if glass.access = 'read' and tenant.ro_role is null then
        tenant := freehold.reader_create(tenant.slug);
    end if;
    v_role := freehold._access_role(tenant, glass.access);
    perform freehold._cell_run(tenant.cell, concat_ws('; ',
        format('create role %I connection limit 1 valid until %L %s', v_login, v_until,
               case when verifier is null then 'nologin' else format('login password %L', verifier) end),
        freehold._login_path(v_login, tenant.schema_name),
        format('alter role %I in database %I set idle_in_transaction_session_timeout = ''15min''', v_login, current_database()),
        case glass.access when 'read' then
            format('alter role %I in database %I set default_transaction_read_only = on', v_login, current_database()) end,
        format('grant %I to %I%s', v_role, v_login, freehold._membership(true, false))));
    v_limits := array(select jsonb_object_keys(tenant.limits - array['connections', 'concurrency']));
    if v_limits <> '{}' then
        perform freehold._limit_apply(tenant, array[v_login], v_limits);
    end if;
    -- A GRANT that did nothing reports success.
    if not pg_has_role(v_login, v_role, 'usage')
        or (current_setting('server_version_num')::integer >= 160000 and pg_has_role(v_login, v_role, 'set'))
        or (select count(*) from pg_auth_members as m where m.member = v_login::regrole) <> 1
    then
        raise exception 'role "%" is not what it should be in "%"', v_login, v_role
            using errcode = 'FH501', detail = 'It must inherit that role, be able to become none, and be in no other.';
    end if;
    update freehold.break_glass as g
    set state = 'open', login = v_login, approved_by = _break_glass_make.approved_by, opened_at = freehold._now(),
        expires_at = freehold._now() + g.ttl
    where g.id = glass.id
    returning * into glass;
    perform freehold._break_glass_record(glass, 'opened');
    return glass;
end
$$;
