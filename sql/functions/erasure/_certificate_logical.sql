-- What a certificate of stage 1 says. The scan is made again now: what has come up since is found, and what went since is not held
-- against it.
create or replace function freehold._certificate_logical(operation freehold.operation) returns jsonb
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_salt constant text := gen_random_uuid();
    v_tenant freehold.tenant;
    v_schema constant oid := (operation.detail -> 'ids' ->> 'schema')::oid;
    v_roles constant oid[] := array(select r.id::oid from jsonb_array_elements_text(operation.detail -> 'ids' -> 'roles') as r (id));
    v_open text;
    v_exclusions jsonb;
    v_horizon timestamptz;
begin
    select t.* into v_tenant from freehold.tenant as t where t.id = operation.tenant_id;
    select string_agg(format('Task "%s" is %s.', t.eraser, t.state), E'\n' order by t.eraser) into v_open
    from freehold.erasure_task as t
    where t.operation_id = operation.id and t.state not in ('done', 'excluded');
    if v_open is not null then
        raise exception 'the erasure of tenant "%" is not complete', operation.slug
            using errcode = 'FH222', detail = v_open,
                  hint = format('select * from freehold.erasure_task_list(%L); shows them.', operation.slug);
    end if;
    select string_agg(r.what, E'\n' order by r.what) into v_open from freehold._erase_residue(v_tenant, v_roles, v_schema) as r;
    if v_open is not null then
        raise exception 'something of tenant "%" is left over', operation.slug
            using errcode = 'FH222', detail = v_open, hint = 'Remove it, and ask again.';
    end if;
    select jsonb_agg(jsonb_build_object('place', e.place, 'basis', e.basis, 'until', freehold._utc(e.until), 'known', e.known)
                     order by e.place),
           case when bool_and(e.known) then max(e.until) end
    into v_exclusions, v_horizon
    from freehold._erasure_exclusions(v_tenant.erased_at, operation.id) as e;
    return jsonb_build_object(
        'stage', 'logical',
        'statement', 'The database holds nothing of this tenant any more but what is named as remaining, and what the tenants have '
                     'that were cloned from it (copies). Copies outside it stay where the exclusions say, until then; where no time '
                     'is given, none is known. Free space of the data files keeps bytes until it is used again.',
        'tenant', jsonb_build_object(
            'id', v_tenant.id, 'slug_salt', v_salt,
            'slug_sha256', encode(sha256(convert_to(v_salt || ':' || v_tenant.slug, 'UTF8')), 'hex'),
            'created_at', freehold._utc(v_tenant.created_at), 'retired_at', freehold._utc(v_tenant.retired_at),
            'erased_at', freehold._utc(v_tenant.erased_at)),
        'erasure', jsonb_build_object(
            'operation', operation.id, 'operator', operation.actor, 'reason', operation.detail -> 'reason',
            'begun_at', freehold._utc(operation.started_at), 'done_at', freehold._utc(operation.finished_at),
            'lsn_begun', operation.detail -> 'lsn_begun', 'lsn_done', operation.detail -> 'lsn_done',
            'replay_of', operation.detail -> 'replay_of'),
        'requests', (
            select coalesce(jsonb_agg(jsonb_build_object('at', freehold._utc(e.at), 'by', e.actor, 'reason', e.reason) order by e.id), '[]')
            from freehold.event as e where e.tenant_id = v_tenant.id and e.kind = 'erasure_request'),
        'holds', (
            select coalesce(jsonb_agg(jsonb_build_object('set_at', freehold._utc(h.set_at), 'until', freehold._utc(h.until),
                                                         'released_at', freehold._utc(h.released_at)) order by h.id), '[]')
            from freehold.legal_hold as h where h.tenant_id = v_tenant.id),
        'inventory', coalesce(operation.detail -> 'seen', '{}') || jsonb_build_object(
            'objects', operation.detail -> 'inventory', 'fingerprint', operation.detail -> 'fingerprint'),
        'scope', freehold._certificate_scope(operation, freehold._erase_counts(v_schema, v_roles)),
        'tasks', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'eraser', t.eraser, 'state', t.state, 'attempts', t.attempts, 'detail', t.detail, 'reason', t.reason,
                'until', freehold._utc(t.until), 'at', freehold._utc(t.changed_at), 'by', t.changed_by) order by t.eraser), '[]')
            from freehold.erasure_task as t where t.operation_id = operation.id),
        'residue', jsonb_build_object('found', jsonb '[]', 'found_at_once', operation.detail -> 'residue'),
        'remains', (
            select jsonb_agg(jsonb_build_object('table', format('freehold.%s', k.table_name), 'what', k.why) order by k.table_name)
            from freehold._erasure_table() as k
            join freehold._erasure_column() as c on c.table_name = k.table_name and c.column_name = k.column_name
            where k.action = 'keep' and k.why is not null),
        'copies', freehold._certificate_copies(v_tenant.id),
        'exclusions', v_exclusions, 'horizon', freehold._utc(v_horizon));
end
$$;
