-- security definer: the table is the owner's. Touches: legal_hold, operation (one row each), tenant (its row is locked).
create or replace function freehold.hold_release(slug text, reason text, id bigint default null) returns freehold.legal_hold
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_standing constant bigint[] := array(
        select h.id from freehold._hold_standing(v_tenant.id) as h where hold_release.id is null or h.id = hold_release.id);
    v_hold freehold.legal_hold;
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'a release needs a reason'
            using errcode = 'FH003', hint = format('select freehold.hold_release(%L, ''...'');', slug);
    end if;
    if cardinality(v_standing) > 1 then
        raise exception 'tenant "%" is under % holds', slug, cardinality(v_standing)
            using errcode = 'FH003', detail = format('They are %s.', array_to_string(v_standing, ', ')),
                  hint = format('Say which: select * from freehold.hold_list(%L); shows them.', slug);
    end if;
    if cardinality(v_standing) = 0 then
        raise exception 'tenant "%" is not under %', slug, coalesce('hold ' || id, 'hold')
            using errcode = 'FH121', hint = format('select * from freehold.hold_list(%L); shows what stands.', slug);
    end if;
    update freehold.legal_hold as h
    set released_at = freehold._now(), released_by = freehold.actor_current(), release_reason = hold_release.reason
    where h.id = v_standing[1]
    returning * into v_hold;
    perform freehold._operation_done('hold_release', v_tenant.id, v_tenant.slug, freehold._now(), jsonb_build_object(
        'hold', v_hold.id, 'reason', reason));
    return v_hold;
end
$$;

comment on function freehold.hold_release(text, text, bigint) is
    'Ends a hold: the one that stands, or of several the one with the id. Erasing is not begun by that. Raises FH003 without a reason, '
    'or when several stand and no id is given, FH101 for an unknown slug, FH121 when there is none.';
