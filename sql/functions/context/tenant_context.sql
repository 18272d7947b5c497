-- security definer: reads the registry for those who may not. Touches: tenant (read).
create or replace function freehold.tenant_context(
    slug text,
    access text default 'write',
    out tenant_id uuid,
    out schema_name name,
    out role_name name,
    out read_only boolean,
    out cell integer,
    out path text,
    out limits jsonb,
    out audit text[],
    out role_id oid
)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_acting constant freehold.tenant := freehold._role_tenant(freehold._role_acting());
    v_tenant freehold.tenant;
begin
    if access is null or access not in ('write', 'read') then
        raise exception 'access is write or read, not %', coalesce(quote_literal(access), 'null') using errcode = 'FH003';
    end if;
    -- A tenant is told nothing of others, not even whether they exist.
    if v_acting.id is not null and v_acting.slug is distinct from tenant_context.slug then
        raise exception 'role "%" is in no tenant called %', freehold._role_acting(), coalesce(quote_literal(slug), 'null')
            using errcode = 'FH305', detail = format('It is tenant "%s"''s.', v_acting.slug),
                  hint = 'End the transaction first: a context ends with it.';
    end if;
    v_tenant := freehold.tenant_get(tenant_context.slug);
    case v_tenant.state
        when 'active' then null;
        when 'suspended' then
            raise exception 'tenant "%" is suspended', v_tenant.slug
                using errcode = 'FH302', hint = format('As an operator: select freehold.tenant_resume(%L);', v_tenant.slug);
        when 'retired' then
            raise exception 'tenant "%" is retired', v_tenant.slug
                using errcode = 'FH304', hint = format('As an operator: select freehold.tenant_reinstate(%L);', v_tenant.slug);
        else
            raise exception 'tenant "%" is %', v_tenant.slug, v_tenant.state using errcode = 'FH202';
    end case;
    tenant_id := v_tenant.id;
    schema_name := v_tenant.schema_name;
    read_only := access = 'read';
    role_name := case when read_only then coalesce(v_tenant.ro_role, v_tenant.rw_role) else v_tenant.rw_role end;
    role_id := (select r.oid from pg_roles as r where r.rolname = role_name);
    cell := v_tenant.cell;
    path := format('%I, pg_catalog, pg_temp', schema_name);
    limits := v_tenant.limits - array['connections', 'temp_file_limit'];
    audit := array_remove(array[case freehold._setting_value('access_log') when 'on' then 'access' end,
                                case when v_tenant.audit_reads then 'reads' end], null);
end
$$;

comment on function freehold.tenant_context(text, text) is
    'What a transaction for a tenant sets: role, path, whether it only reads, limits (settings, and the concurrency that a pool '
    'keeps to), what is logged of it (access: access_record(); reads: pgaudit); the cell, whose gate the login must have passed; and '
    'the id of the role, which stays when its name becomes another tenant''s. Drivers keep the answer for some seconds, set it '
    'themselves and compare the id; tenant_enter() asks each time. access is write or read: read is the read-only runtime role where '
    'the tenant has one, else the other in a read-only transaction. Raises FH101 for an unknown slug, FH302 and FH304 for a tenant '
    'that is suspended or retired, FH202 in any other state but active, FH305 when asked as a tenant''s own role about another, '
    'FH003 for another access.';
