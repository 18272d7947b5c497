-- security definer: the tables are the owner's, and the scan asks for what only it may see. Touches: erasure_certificate, event (one row
-- each), operation (one row is locked), tenant, erasure_task, setting, legal_hold (read).
create or replace function freehold.erasure_certificate(tenant_id uuid, stage integer default 1) returns jsonb
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_operation freehold.operation := freehold._erasure_get(erasure_certificate.tenant_id);
    v_now constant timestamptz := freehold._now();
    v_content jsonb;
    v_digest text;
begin
    if stage is null or stage not in (1, 2) then
        raise exception 'a certificate is of stage 1 or 2' using errcode = 'FH003';
    end if;
    select c.content into v_content
    from freehold.erasure_certificate as c
    where c.tenant_id = erasure_certificate.tenant_id and c.stage = erasure_certificate.stage;
    if found then
        return v_content;
    end if;
    v_content := jsonb_build_object(
        'type', 'freehold.erasure', 'format', 1, 'issued_at', freehold._utc(v_now), 'issued_by', freehold.actor_current(),
        'freehold', freehold.version(), 'server', current_setting('server_version'), 'database', current_database(),
        'events', freehold._certificate_events(v_operation.tenant_id))
        || case stage when 1 then freehold._certificate_logical(v_operation)
                      else freehold._certificate_physical(v_operation, v_now) end;
    v_digest := encode(sha256(convert_to(freehold._json_canonical(v_content), 'UTF8')), 'hex');
    insert into freehold.erasure_certificate (tenant_id, stage, operation_id, content, digest, issued_at, issued_by)
    values (v_operation.tenant_id, erasure_certificate.stage, v_operation.id, v_content, v_digest, v_now, freehold.actor_current());
    perform freehold._event_record('erasure_certificate', v_operation.tenant_id, v_operation.slug, null, jsonb_build_object(
        'stage', stage, 'operation', v_operation.id, 'sha256', v_digest));
    return v_content;
end
$$;

comment on function freehold.erasure_certificate(uuid, integer) is
    'The certificate of an erasure, to be signed outside the database: what was erased, with counts and methods, what was found left '
    'over, what lawfully remains, and where copies stay until when. Stage 1 says that the database has nothing left; stage 2, once the '
    'longest retention has passed, that every period has which was named. Issued once: called again, it is the same. Raises FH003 for '
    'another stage, FH122 when no tenant with this id is erased, FH222 while tasks are open or something is left over, FH223 before '
    'the horizon of stage 2, or while a retention is unknown.';
