-- security definer: the table is the owner's. Touches: eraser (read).
create or replace function freehold.eraser_list() returns setof freehold.eraser
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select * from freehold.eraser as e order by e.name
$$;

comment on function freehold.eraser_list() is 'What an erasure has to erase outside the database.';
