-- The event of a setting that was changed, whoever changed it. Touches: event (one row).
create or replace function freehold._event_setting() returns trigger
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._event_record('setting_set.done', null, null, null,
                                   jsonb_build_object('name', new.name, 'old', old.value, 'new', new.value));
    return null;
end
$$;
