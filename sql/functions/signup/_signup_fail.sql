-- Records what a step raised, on the row of its sign-up alone, and when it is tried again: twice as long each time, at most an hour,
-- never all at once, and no more after the tenth time. Touches: signup, event (one row each).
create or replace function freehold._signup_fail(signup freehold.signup, code text, message text) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    update freehold.signup as s
    set state = case s.state when 'undoing' then s.state else 'failed' end, attempts = s.attempts + 1, stepped_at = freehold._now(),
        due_at = case when s.attempts < 9
                      then freehold._now() + least(3600, 5 * 2 ^ s.attempts) * (0.5 + random()) * interval '1 second' end,
        error_code = code, error_message = left(message, 2000)
    where s.id = signup.id
    returning * into signup;
    perform freehold._signup_record(signup, 'failed', detail => jsonb_build_object(
        'stage', signup.stage, 'state', signup.state, 'error', code, 'attempts', signup.attempts));
end
$$;
