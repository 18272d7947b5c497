-- security invoker without a SET clause: a role cannot be set in a definer function, and a clause would take the path back. So
-- every name in it is qualified, as the caller's path may lead anywhere.
create or replace function freehold.tenant_enter(slug text, actor text default null, access text default 'write') returns text
    language plpgsql volatile security invoker
as $$
declare
    v_schema pg_catalog.name;
    v_actor pg_catalog.text;
    v_read_only pg_catalog.bool;
    v_role pg_catalog.name;
    v_settings pg_catalog.text[];
    v_tenant_id pg_catalog.uuid;
    v_audit pg_catalog.text[];
begin
    select c.schema_name, c.actor_name, c.read_only, c.role_name, c.settings, c.tenant_id, c.audit
    into v_schema, v_actor, v_read_only, v_role, v_settings, v_tenant_id, v_audit
    from freehold._context_open(slug, actor, access) as c;
    -- A transaction that only reads cannot leave a row.
    if 'access' operator(pg_catalog.=) any (v_audit)
        and pg_catalog.current_setting('transaction_read_only') operator(pg_catalog.=) 'off'
    then
        perform freehold.access_record(v_tenant_id, v_actor, access);
    end if;
    if 'reads' operator(pg_catalog.=) any (v_audit) then
        perform freehold._reads_open();
    end if;
    if v_read_only then
        set local transaction_read_only = on;
    end if;
    execute pg_catalog.format('set local search_path = %I, pg_catalog, pg_temp; set local freehold.actor = %L', v_schema, v_actor);
    if v_settings is not null then
        execute pg_catalog.format(
            'set local statement_timeout = %L; set local lock_timeout = %L; set local idle_in_transaction_session_timeout = %L; '
            'set local work_mem = %L', v_settings[1], v_settings[2], v_settings[3], v_settings[4]);
    end if;
    if v_role is not null then
        execute pg_catalog.format('set local role %I', v_role);
    end if;
    return slug;
end
$$;

comment on function freehold.tenant_enter(text, text, text) is
    'Makes the rest of this transaction the tenant''s: its runtime role, its path, its limits, who acts; returns the slug. To be called '
    'inside a transaction, as all of it ends with it; a savepoint that is rolled back takes it back. access is write or read: read is '
    'the read-only runtime role where the tenant has one, and a read-only transaction, which a savepoint around the call would end '
    'with itself. The same tenant may be entered again; each call says who acts, null for the login. A login of the tenant''s own '
    'keeps its role. Raises FH101 for an unknown slug, FH302 and FH304 for a tenant that is suspended or retired, FH305 inside '
    'another tenant''s context or after it in one transaction, FH303 for a login that has not passed its gate, FH003 for another '
    'access, FH005 for an actor of more than 200 bytes.';
