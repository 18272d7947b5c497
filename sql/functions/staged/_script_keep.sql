-- Puts the statements of a staged operation down, to be run batch by batch.
-- Touches: operation_script (a row a statement), operation (one row).
create or replace function freehold._script_keep(operation_id bigint, phases text[], statements text[]) returns freehold.operation
    language sql volatile security invoker
begin atomic
    insert into freehold.operation_script (operation_id, ordinal, phase, ddl)
    select _script_keep.operation_id, s.n, s.phase, s.ddl
    from unnest(phases, statements) with ordinality as s (phase, ddl, n);
    update freehold.operation as o
    set staged = true, stepped_at = freehold._now(),
        detail = o.detail || jsonb_build_object('total', coalesce(cardinality(statements), 0), 'done', 0)
    where o.id = _script_keep.operation_id
    returning o.*;
end;
