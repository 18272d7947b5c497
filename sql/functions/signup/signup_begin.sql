-- security definer: the tables are the owner's. Touches: signup, signup_request, event (one row each), what _signup_check() reads.
create or replace function freehold.signup_begin(
    issuer text,
    subject text,
    email text default null,
    display_name text default null,
    slug text default null,
    external_id text default null,
    template text default 'default',
    settings jsonb default '{}',
    seed jsonb default null,
    idempotency_key text default null
) returns freehold.signup
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_attempts constant integer := 30;
    v_arguments constant jsonb := jsonb_build_object(
        'issuer', issuer, 'subject', subject, 'email', email, 'display_name', display_name, 'slug', slug, 'external_id', external_id,
        'template', template, 'settings', settings, 'seed', seed);
    v_fixed constant boolean := slug is not null or external_id is not null;
    v_request freehold.signup_request;
    v_signup freehold.signup;
    v_slug text := slug;
begin
    if octet_length(idempotency_key) not between 1 and 200 then
        raise exception 'an idempotency key has 1 to 200 bytes' using errcode = 'FH003';
    end if;
    v_signup := freehold._signup_repeated(idempotency_key, v_arguments);
    if v_signup.id is not null then
        return v_signup;
    end if;
    v_request := row(null, issuer, subject, nullif(btrim(email), ''), display_name, external_id,
                     freehold._external_id_key(external_id), settings, seed)::freehold.signup_request;
    perform freehold._signup_check(v_request, template);
    v_slug := coalesce(slug, freehold.tenant_slug(external_id), freehold._signup_slug(display_name));
    perform freehold._slug_check(v_slug);
    for v_attempt in 1..c_attempts loop
        begin
            return freehold._signup_claim(
                -- A few numbers in turn, and then at random: many of one name do not wait in a row for each other.
                v_slug || case when v_attempt = 1 then '' when v_attempt < 10 then '-' || v_attempt
                               else '-' || (100000 + floor(random() * 900000)) end,
                template, v_request, idempotency_key, v_arguments);
        exception
            when sqlstate 'FH201' or sqlstate 'FH222' or sqlstate 'FH252' then
                if v_fixed or v_attempt = c_attempts then
                    raise;
                end if;
        end;
    end loop;
    -- Not reached: the last attempt returned or raised.
    return null;
end
$$;

comment on function freehold.signup_begin(text, text, text, text, text, text, text, jsonb, jsonb, text) is
    'Begins a sign-up, which signup_work() carries to its end: claims the slug, and keeps what is asked for. issuer and subject are iss '
    'and sub of who becomes the first owner; display_name is the tenant''s. A null slug is made of the external id, else of the name, '
    'with a number behind it where that is taken. seed is for the template''s script, template_seed_set(). The same idempotency key, of '
    'the same actor with the same arguments, returns the same sign-up. Raises FH001 to FH003 and FH005 for bad input, FH102 and FH208 '
    'for a template that is unknown or was never frozen, FH201, FH203 and FH252 for a slug or external id that a tenant or another '
    'sign-up has, FH202 for a user who is not active, FH222 while the erasure of a former tenant of that slug has open tasks, FH242 '
    'when another user has the e-mail, FH251 for a key that was used with other arguments, FH401 when busy.';
