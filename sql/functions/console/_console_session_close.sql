-- security definer: the table is the owner's. Touches: console_session (one row), event (one row).
create or replace function freehold._console_session_close(digest bytea) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_actor text;
begin
    delete from freehold.console_session as s where s.digest = _console_session_close.digest returning s.actor into v_actor;
    if found then
        perform set_config('freehold.actor', v_actor, true);
        perform freehold._event_record('console_sign_out', null, null);
    end if;
end
$$;

comment on function freehold._console_session_close(bytea) is 'Ends a session of the console.';
