-- Keeps and tells what happened: an event, a row of the outbox, a notification, which anybody can hear and which therefore says
-- nothing. Touches: event, outbox (one row each).
create or replace function freehold._break_glass_record(glass freehold.break_glass, what text, reason text default null) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_topic constant text := 'break_glass.' || what;
    v_detail constant jsonb := jsonb_build_object(
        'break_glass', glass.id, 'ticket', glass.ticket, 'access', glass.access, 'person', glass.person,
        'requested_by', glass.requested_by, 'approved_by', glass.approved_by, 'expires_at', glass.expires_at);
begin
    perform freehold._event_record(v_topic, glass.tenant_id, glass.slug, coalesce(reason, glass.reason),
                                   v_detail || jsonb_build_object('login', glass.login));
    perform freehold._outbox_add(v_topic, glass.tenant_id,
                                 v_detail || jsonb_build_object('slug', glass.slug, 'state', glass.state, 'reason', glass.reason,
                                                                'why', reason));
    perform pg_notify('freehold_break_glass', '');
end
$$;
