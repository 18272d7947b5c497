-- Refuses what a tenant cannot be registered with.
create or replace function freehold._registration_check(display_name text, settings jsonb) returns void
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(octet_length(display_name), 0) <= 400 and jsonb_typeof(settings) = 'object' then
        return;
    end if;
    if octet_length(display_name) > 400 then
        raise exception 'the display name is longer than 400 bytes' using errcode = 'FH005';
    end if;
    raise exception 'settings must be a JSON object' using errcode = 'FH003';
end
$$;
