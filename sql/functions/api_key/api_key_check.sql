-- security definer: asks the tables for a service that may not. Touches: api_key_secret, api_key_tenant (read), api_key (one row, once a
-- minute). Nobody waits: a row that somebody holds is left as it is.
create or replace function freehold.api_key_check(token_sha256 bytea)
    returns table (id bigint, name text, roles text[], tenant_ids uuid[], expires_at timestamptz)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_key freehold.api_key;
begin
    select k.* into v_key
    from freehold.api_key_secret as s
    join freehold.api_key as k on k.id = s.key_id
    where s.token_sha256 = api_key_check.token_sha256 and k.revoked_at is null
        and (s.expires_at > v_now or s.expires_at is null) and (k.expires_at > v_now or k.expires_at is null);
    if not found then
        return;
    end if;
    if coalesce(v_key.last_used_at <= v_now - interval '1 minute', true) and not current_setting('transaction_read_only')::boolean then
        begin
            update freehold.api_key as k set last_used_at = v_now
            where k.id = (select u.id from freehold.api_key as u
                          where u.id = v_key.id and coalesce(u.last_used_at <= v_now - interval '1 minute', true)
                          for no key update skip locked);
        exception
            -- In a transaction that sees an older state than the row has.
            when serialization_failure then
                null;
        end;
    end if;
    return query
        select v_key.id, v_key.name, v_key.roles,
               case when v_key.bound then array(select t.tenant_id from freehold.api_key_tenant as t
                                                where t.key_id = v_key.id order by 1) end,
               least(v_key.expires_at, (select s.expires_at from freehold.api_key_secret as s
                                        where s.token_sha256 = api_key_check.token_sha256));
end
$$;

comment on function freehold.api_key_check(bytea) is
    'What the key of a token is good for, by the SHA-256 of the token; no row when there is none, or it is revoked or expired, all alike. '
    'tenant_ids is null for a key that is not bound; an empty one is bound to nothing any more. For the login of the HTTP service, with '
    'freehold_resolver. Keeps when the key was used, once a minute at most, and waits for nobody.';
