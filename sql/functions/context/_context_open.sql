-- security definer: asks the registry and its own memberships for those who may not. Touches: tenant (read).
-- What tenant_enter() sets, once it is sure that the login may.
create or replace function freehold._context_open(
    slug text, actor text, access text, out role_name name, out schema_name name, out actor_name text, out read_only boolean,
    out settings text[], out tenant_id uuid, out audit text[]
)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_left constant freehold.tenant := freehold._role_tenant(nullif(current_setting('freehold.left_role', true), '')::name);
    v_context record;
begin
    select * into v_context from freehold.tenant_context(_context_open.slug, _context_open.access);
    if v_left.id <> v_context.tenant_id then
        raise exception 'this transaction was tenant "%"''s', v_left.slug
            using errcode = 'FH305', hint = 'Enter each tenant in a transaction of its own.';
    end if;
    if octet_length(actor) > 200 then
        raise exception 'an actor is named in 200 bytes at most' using errcode = 'FH005';
    end if;
    -- A tenant's own login is there already, and cannot become another.
    if (freehold._role_tenant(session_user)).id is null then
        role_name := v_context.role_name;
        if not pg_has_role(session_user, role_name, case when current_setting('server_version_num')::integer < 160000
                                                         then 'member' else 'set' end) then
            raise exception 'login "%" does not reach tenant "%"', session_user, slug
                using errcode = 'FH303', detail = format('It has not passed the gate of cell %s.', v_context.cell),
                      hint = format('As an operator: select freehold.gate_grant(%1$L, %2$s); or, for all cells, those to come too: '
                                    'select freehold.gate_grant(%1$L);', session_user, v_context.cell);
        end if;
    elsif not v_context.read_only and session_user = (freehold._role_tenant(session_user)).ro_role then
        raise exception 'login "%" only reads', session_user using errcode = 'FH303', hint = 'Enter it with access ''read''.';
    end if;
    schema_name := v_context.schema_name;
    tenant_id := v_context.tenant_id;
    audit := v_context.audit;
    actor_name := coalesce(actor, '');
    read_only := v_context.read_only;
    if v_context.limits - 'concurrency' <> '{}' then
        settings := array(
            select coalesce(v_context.limits ->> s.name, current_setting(s.name))
            from unnest(array['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'work_mem'])
                with ordinality as s (name, ordinal)
            order by s.ordinal);
    end if;
end
$$;
