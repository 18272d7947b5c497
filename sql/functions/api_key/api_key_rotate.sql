-- security definer: the tables are the owner's. Touches: api_key (one row, locked), api_key_secret, event (one row).
create or replace function freehold.api_key_rotate(
    id bigint,
    overlap interval default '1 hour',
    out token text,
    out overlap_until timestamptz,
    out expires_at timestamptz
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_key freehold.api_key;
begin
    if (overlap >= interval '0' and overlap <= interval '30 days') is not true then
        raise exception 'the token before is good for up to 30 days' using errcode = 'FH003', hint = 'With 0, not at all.';
    end if;
    v_key := freehold._api_key_lock(id);
    perform freehold._api_key_may(v_key.roles);
    overlap_until := v_now + overlap;
    update freehold.api_key_secret as s set expires_at = least(s.expires_at, api_key_rotate.overlap_until) where s.key_id = v_key.id;
    delete from freehold.api_key_secret as s where s.key_id = v_key.id and s.expires_at <= v_now;
    update freehold.api_key as k set rotated_at = v_now where k.id = v_key.id;
    token := freehold._api_key_token(v_key.id);
    expires_at := v_key.expires_at;
    perform freehold._api_key_record('rotated', v_key, null, jsonb_build_object('overlap_until', overlap_until));
end
$$;

comment on function freehold.api_key_rotate(bigint, interval) is
    'Gives a key a new token, told this once; those before it are good for the overlap. When the key expires does not change. Raises '
    'FH003 for an overlap above 30 days, FH181 for an unknown id, FH282 for a key that is revoked or expired, FH381 for a key of a role '
    'that the caller has not.';
