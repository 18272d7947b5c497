-- security definer: the table is the owner's. Touches: signup (read).
create or replace function freehold.signup_get(id bigint) returns freehold.signup
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select freehold._signup_get(id)
$$;

comment on function freehold.signup_get(bigint) is 'How far a sign-up is, and what it failed by. Raises FH151 for an unknown id.';
