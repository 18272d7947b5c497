-- A break-glass login acts for its person, whatever it sets. By its name first: all others call no function.
create or replace function freehold.actor_current() returns text
    language sql stable security invoker
    return coalesce(case when session_user::text like '%\_bg\_%' then freehold._break_glass_person(session_user) end,
                    nullif(current_setting('freehold.actor', true), ''), session_user::text);

comment on function freehold.actor_current() is
    'Who acts: the actor that the client set for this transaction (set local freehold.actor = ''alice''), else the login. Of a '
    'break-glass login it is the person that it was opened for, whatever is set.';
