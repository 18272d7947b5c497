-- security definer: the table is the owner's. Touches: signup, signup_request (read).
create or replace function freehold.signup_person(id bigint)
    returns table (issuer text, subject text, email text, display_name text, external_id text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_signup constant freehold.signup := freehold._signup_get(id);
begin
    return query
        select r.issuer, r.subject, r.email, r.display_name, r.external_id
        from freehold.signup_request as r
        where r.signup_id = v_signup.id;
end
$$;

comment on function freehold.signup_person(bigint) is
    'Who is behind a sign-up that is not over, to be written to: admins only. No row where that is not kept any more. Raises FH151 for '
    'an unknown id.';
