-- The row of a sign-up with a slug that nobody else has; or that of the caller's same request, which came a moment before.
-- Touches: signup, signup_request, event (one row each), tenant (read).
create or replace function freehold._signup_claim(
    slug text, template text, request freehold.signup_request, idempotency_key text, arguments jsonb
) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_signup freehold.signup;
begin
    perform freehold._slug_open(slug);
    -- Waits for whoever is about to claim the same, or to give it to a tenant.
    insert into freehold.signup
        (slug, claim, template, requested_by, idempotency_key, digest, due_at, created_at, stepped_at)
    values
        (slug, slug, template, freehold.actor_current(), idempotency_key,
         freehold._signup_digest(uuid_send(gen_random_uuid()), arguments), v_now, v_now, v_now)
    on conflict do nothing
    returning * into v_signup;
    if not found then
        v_signup := freehold._signup_repeated(idempotency_key, arguments);
        if v_signup.id is null then
            perform freehold._slug_open(slug);
            raise exception 'slug "%" is being claimed', slug using errcode = 'FH252';
        end if;
        return v_signup;
    end if;
    if exists (select from freehold.tenant as t where t.slug = _signup_claim.slug and t.state <> 'erased') then
        raise exception 'tenant "%" exists', slug using errcode = 'FH201';
    end if;
    insert into freehold.signup_request select v_signup.id, request.issuer, request.subject, request.email, request.display_name,
        request.external_id, request.external_id_key, request.settings, request.seed
    on conflict (external_id_key) do nothing;
    if not found then
        raise exception 'external id % is taken', quote_literal(request.external_id)
            using errcode = 'FH203', detail = 'Another sign-up has one that is the same without case and punctuation.';
    end if;
    perform freehold._signup_record(v_signup, 'claimed');
    return v_signup;
exception
    when lock_not_available then
        raise exception 'slug "%" is being claimed', slug using errcode = 'FH401', hint = 'Try again.';
end
$$;
