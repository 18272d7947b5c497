-- security definer: the table is the owner's. Touches: event (one row), tenant, legal_hold (read).
create or replace function freehold.erasure_request(slug text, reason text) returns freehold.tenant
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold.tenant_get(slug);
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'a request needs a reason'
            using errcode = 'FH003', hint = format('select freehold.erasure_request(%L, ''...'');', slug);
    end if;
    perform freehold._event_record('erasure_request', v_tenant.id, v_tenant.slug, reason, jsonb_build_object(
        'state', v_tenant.state, 'holds', (select jsonb_agg(h.id) from freehold._hold_standing(v_tenant.id) as h)));
    return v_tenant;
end
$$;

comment on function freehold.erasure_request(text, text) is
    'Records that somebody asked for a tenant to be erased, and erases nothing: tenant_erase() does it by itself when a hold refuses it. '
    'hold_list() shows the request, the certificate names it. Raises FH003 without a reason, FH101 for an unknown slug.';
