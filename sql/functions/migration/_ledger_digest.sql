-- By which two sets of migrations are told to be the same: to compare them one by one takes the square of their number.
create or replace function freehold._ledger_digest(migrations text[]) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return freehold._text_digest(array(select distinct m.id collate "C" from unnest(migrations) as m (id) order by 1)::text);
end
$$;
