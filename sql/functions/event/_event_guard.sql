-- Events and seals are added to, never changed: not by the owner's functions either. Who may alter the tables can take this guard
-- away; what is sealed tells.
create or replace function freehold._event_guard() returns trigger
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'rows of freehold.% are never changed or deleted', tg_table_name using errcode = 'FH303';
end
$$;
