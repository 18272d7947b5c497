-- security definer: makes and erases tenants, which no caller can. Touches: signup (rows that nobody else has), what their stages do.
create or replace function freehold.signup_work(max_steps integer default 10) returns integer
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_signup freehold.signup;
    v_last boolean := false;
    v_steps integer := 0;
begin
    if (max_steps >= 1) is not true then
        raise exception 'a worker makes at least one step' using errcode = 'FH003';
    end if;
    while v_steps < max_steps and not v_last loop
        -- In the order in which they became due: one is carried to its end before the next, and who failed is behind the others.
        select * into v_signup from freehold.signup as s
        where s.due_at <= freehold._now()
        order by s.due_at, s.id
        limit 1
        for update skip locked;
        exit when not found;
        -- Making or erasing roles keeps others from the same until commit, and what a script sets for its transaction is no other
        -- tenant's.
        v_last := v_signup.state = 'undoing' or v_signup.stage in ('claimed', 'owned');
        begin
            perform freehold._signup_step(v_signup);
        exception
            -- A time limit as well: a sign-up that always meets it would keep the others waiting. Whoever canceled this is obeyed.
            when query_canceled or others then
                v_last := v_last or sqlstate = '57014';
                perform freehold._signup_fail(v_signup, sqlstate, sqlerrm);
        end;
        v_steps := v_steps + 1;
    end loop;
    return v_steps;
end
$$;

comment on function freehold.signup_work(integer) is
    'Takes sign-ups that are due a step further, and returns how many steps it made: 0 means that there is nothing to do now. At most '
    'max_steps are made in one transaction; one that makes or erases a tenant or runs its script is the last of it. Any number of workers '
    'may call it at the same time, over and over; what one holds the others pass by, and what was interrupted the next call goes on with. '
    'A step that fails is undone and recorded on its sign-up alone, which is tried again later, ten times in an hour or two: then '
    'signup_retry() or signup_undo() is somebody''s to say. Raises FH003 for a bad number.';
