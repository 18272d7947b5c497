-- security definer: the table is the owner's. Touches: signup (read).
create or replace function freehold.signup_list(state text default null, after bigint default null, max_rows integer default 100)
    returns setof freehold.signup
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select freehold._word_check('state', signup_list.state, 'freehold.signup');
    select *
    from freehold.signup as s
    where (signup_list.state is null or s.state = signup_list.state) and (after is null or s.id > after)
    order by s.id
    limit max_rows
$$;

comment on function freehold.signup_list(text, bigint, integer) is
    'Sign-ups by number: in one state (running, failed, ready, undoing, undone); page on with after => the last id seen. '
    'Raises FH003 for another state.';
