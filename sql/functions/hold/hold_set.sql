-- security definer: the table is the owner's. Touches: legal_hold, operation (one row each), tenant (its row is locked).
create or replace function freehold.hold_set(slug text, reason text, until timestamptz default null) returns freehold.legal_hold
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_now constant timestamptz := freehold._now();
    v_hold freehold.legal_hold;
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'a hold needs a reason'
            using errcode = 'FH003', hint = format('select freehold.hold_set(%L, ''...'');', slug);
    end if;
    if until <= v_now then
        raise exception 'the hold would be over already'
            using errcode = 'FH003', detail = format('It is %s.', to_char(v_now, 'YYYY-MM-DD HH24:MI TZ'));
    end if;
    insert into freehold.legal_hold (tenant_id, reason, until, set_at, set_by)
    values (v_tenant.id, hold_set.reason, hold_set.until, v_now, freehold.actor_current())
    returning * into v_hold;
    perform freehold._operation_done('hold_set', v_tenant.id, v_tenant.slug, v_now, jsonb_build_object(
        'hold', v_hold.id, 'reason', reason, 'until', until));
    return v_hold;
end
$$;

comment on function freehold.hold_set(text, text, timestamptz) is
    'Keeps a tenant from being erased until the hold is released, or until a time. It may be retired. Several holds may stand at once. '
    'An erasure that is on its way stops before its next step. Raises FH003 without a reason or for a time that is over, FH101 for '
    'an unknown slug, FH401 while a step is at work.';
