-- The newest cell with room, else the next one. Counts by index, takes no lock: a cell may end up a few tenants over.
create or replace function freehold._cell_pick() returns integer
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell integer;
    v_capacity constant bigint := freehold._setting_value('cell_capacity')::bigint;
begin
    select c.number into v_cell
    from freehold.cell as c
    where (select count(*) from freehold.tenant as t where t.cell = c.number and t.state <> 'erased')
          + (select count(*) from freehold.reserve as r where r.cell = c.number) < v_capacity
    order by c.number desc
    limit 1;
    return coalesce(v_cell, freehold._cell_open());
end
$$;
