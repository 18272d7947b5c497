create or replace function freehold.actor_current() returns text
    language sql stable security invoker
    return coalesce(nullif(current_setting('freehold.actor', true), ''), session_user::text);

comment on function freehold.actor_current() is
    'Who acts: the actor that the client set for this transaction (set local freehold.actor = ''alice''), else the login.';
