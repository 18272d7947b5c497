-- The event of what became of a sign-up, and the word to who watches; anybody can hear it, and it says nothing.
-- Touches: event (one row).
create or replace function freehold._signup_record(signup freehold.signup, what text, reason text default null, detail jsonb default '{}')
    returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._event_record('signup.' || what, signup.tenant_id, signup.slug, reason,
                                   jsonb_build_object('signup', signup.id) || detail);
    perform pg_notify('freehold_signup', '');
end
$$;
