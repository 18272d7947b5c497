-- security definer: the tables are the owner's. Touches: api_key, api_key_secret, event (one row each), api_key_tenant, tenant (rows of
-- the tenants that it is bound to are locked).
create or replace function freehold.api_key_create(
    name text,
    roles text[],
    slugs text[] default null,
    ttl interval default null,
    out id bigint,
    out token text,
    out expires_at timestamptz
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_roles constant text[] := array(select distinct r from unnest(roles) as r order by 1);
    v_key freehold.api_key;
    v_tenant freehold.tenant;
    v_slug text;
begin
    if (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$') is not true then
        raise exception 'an API key has a name' using errcode = 'FH003', detail = 'At most 63 of a-z, 0-9, and within . _ -';
    end if;
    if roles is null or array_position(roles, null) is not null
        or not v_roles <@ array['admin', 'auditor', 'worker', 'break_glass', 'analyst']
    then
        raise exception 'roles of an API key are some of admin, auditor, worker, break_glass, analyst, or none'
            using errcode = 'FH003', hint = 'None, array[]::text[], is a key for the routes of tenants.';
    end if;
    if cardinality(slugs) = 0 or cardinality(slugs) > 1000 or array_position(slugs, null) is not null then
        raise exception 'an API key is bound to 1 to 1000 tenants, or not bound' using errcode = 'FH003';
    end if;
    if ttl <= interval '0' or ttl > interval '100 years' then
        raise exception 'an API key is good for some time' using errcode = 'FH003', hint = 'Without a ttl it does not expire.';
    end if;
    perform freehold._api_key_may(v_roles);
    insert into freehold.api_key as k (name, roles, bound, created_at, created_by, expires_at)
    values (api_key_create.name, v_roles, slugs is not null, v_now, freehold.actor_current(), v_now + ttl)
    on conflict on constraint api_key_name_key do nothing
    returning * into v_key;
    if not found then
        select * into v_key from freehold.api_key as k where k.name = api_key_create.name;
        raise exception 'an API key is called "%" already', name
            using errcode = 'FH281', detail = 'A name is one key''s in the audit trail, also when it is over.',
                  hint = case freehold._api_key_state(v_key)
                      when 'active' then format('select freehold.api_key_rotate(%s); gives it a new token.', v_key.id)
                      else 'It is over; choose another name.' end;
    end if;
    -- In one order, so that no two wait for each other.
    for v_slug in select distinct s from unnest(slugs) as s order by 1 loop
        v_tenant := freehold._tenant_lock(v_slug, shared => true);
        if v_tenant.state in ('retired', 'erasing') then
            raise exception 'tenant "%" is %', v_tenant.slug, v_tenant.state
                using errcode = 'FH202', detail = 'No key is bound to it.';
        end if;
        insert into freehold.api_key_tenant (key_id, tenant_id) values (v_key.id, v_tenant.id);
    end loop;
    id := v_key.id;
    expires_at := v_key.expires_at;
    token := freehold._api_key_token(id);
    perform freehold._api_key_record('created', v_key);
end
$$;

comment on function freehold.api_key_create(text, text[], text[], interval) is
    'Makes a key for the HTTP service and returns its token, which is told this once and never again: only its SHA-256 is kept. roles '
    'are groups of the installation that the caller is in himself; with none, the key is for the routes of tenants. With slugs it is '
    'good for these tenants alone, under whatever slug, and for none when they are erased; without, for all that there are. It expires '
    'after ttl, or never. Raises FH003 for bad arguments, FH101 for an unknown slug, FH202 for a tenant that is retired, FH281 for a '
    'name that is taken, FH381 for a role that the caller has not, FH401 while something else is at work on a tenant.';
