-- What code can leave behind in a session to be run or believed later: cursors, prepared statements, settings, the actor.
create or replace function freehold._session_state() returns jsonb
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'cursors', (select jsonb_agg(jsonb_build_array(c.name, c.creation_time, c.is_holdable, c.statement) order by c.name)
                    from pg_cursors as c),
        'prepared statements', (select jsonb_agg(jsonb_build_array(p.name, p.prepare_time, p.statement) order by p.name)
                                from pg_prepared_statements as p),
        'settings', (select jsonb_object_agg(s.name, s.setting) from pg_settings as s where s.source = 'session'),
        'actor', current_setting('freehold.actor', true))
$$;
