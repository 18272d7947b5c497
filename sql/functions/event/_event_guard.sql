-- Events are added to, never changed: not by the owner's functions either. Who may alter the table can take this guard away; what
-- is sealed tells.
create or replace function freehold._event_guard() returns trigger
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'events are never changed or deleted'
        using errcode = 'FH303', detail = format('%s of freehold.%I.', lower(tg_op), tg_table_name);
end
$$;
