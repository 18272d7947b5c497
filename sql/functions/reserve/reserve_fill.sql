-- Commits after every schema, so it can be neither definer nor carry a SET clause: it qualifies every name and only calls.
create or replace procedure freehold.reserve_fill(template text default 'default', size integer default 10)
    language plpgsql security invoker
as $$
declare
    v_left integer;
begin
    call freehold._outside_transaction('filling the reserve', pg_catalog.format(
        'select freehold.reserve_fill_step(%L, %s) in a transaction each, until it is 0', template, size));
    loop
        v_left := freehold.reserve_fill_step(template, size);
        commit;
        exit when v_left operator(pg_catalog.=) 0;
    end loop;
end
$$;

comment on procedure freehold.reserve_fill(text, integer) is
    'Keeps so many ready-made schemas of a template''s current version: drops stale ones, makes what is missing; 0 empties the '
    'reserve. Commits after each, so call it outside a transaction. Several at once wait for each other. Raises what '
    'reserve_fill_step() raises.';
