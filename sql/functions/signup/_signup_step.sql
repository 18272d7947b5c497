-- The next stage of a sign-up, or the next part of taking it back, its row being locked.
create or replace function freehold._signup_step(signup freehold.signup) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if signup.state in ('ready', 'undone') then
        return signup;
    elsif signup.state = 'undoing' then
        return freehold._signup_undo(signup);
    end if;
    return case signup.stage
        when 'claimed' then freehold._signup_provision(signup)
        when 'provisioned' then freehold._signup_own(signup)
        when 'owned' then freehold._signup_seed(signup)
        when 'seeded' then freehold._signup_ready(signup)
    end;
end
$$;
