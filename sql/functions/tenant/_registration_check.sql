-- Refuses what a tenant cannot be registered with.
create or replace function freehold._registration_check(display_name text, settings jsonb) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if octet_length(display_name) > 400 then
        raise exception 'the display name is longer than 400 bytes' using errcode = 'FH005';
    end if;
    if settings is null or jsonb_typeof(settings) <> 'object' then
        raise exception 'settings must be a JSON object' using errcode = 'FH003';
    end if;
end
$$;
