-- The record of a step, in the transaction of what it did. Within a stage it tells nobody but who watches.
-- Touches: signup, event (one row each).
create or replace function freehold._signup_advance(signup freehold.signup, stage text, detail jsonb default '{}') returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_moved constant boolean := stage <> signup.stage;
    v_now constant timestamptz := freehold._now();
begin
    update freehold.signup as s
    set stage = _signup_advance.stage, state = case signup.state when 'failed' then 'running' else signup.state end,
        tenant_id = signup.tenant_id, user_id = signup.user_id, user_made = signup.user_made,
        attempts = 0, error_code = null, error_message = null, stepped_at = v_now, finished_at = signup.finished_at,
        due_at = case when signup.finished_at is null then least(s.due_at, v_now) end
    where s.id = signup.id
    returning * into signup;
    if v_moved then
        perform freehold._signup_record(signup, stage, detail => detail);
    else
        perform pg_notify('freehold_signup', '');
    end if;
    return signup;
end
$$;
