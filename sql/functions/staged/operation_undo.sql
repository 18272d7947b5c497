-- Commits after every batch, so it can be neither definer nor carry a SET clause: it qualifies every name and only calls.
create or replace procedure freehold.operation_undo(id bigint)
    language plpgsql security invoker
as $$
declare
    v_operation freehold.operation;
begin
    call freehold._outside_transaction('taking an operation back', pg_catalog.format('freehold.operation_undo_step(%s)', id));
    v_operation := freehold.operation_undo_step(id);
    commit;
    call freehold.operation_resume(v_operation.id);
end
$$;

comment on procedure freehold.operation_undo(bigint) is
    'Takes a staged provision, clone, adoption or ready-made schema back that has not ended: what was made is erased and the name is '
    'free again. Call it outside a transaction. Raises FH103 for an unknown id, FH202 for what cannot be undone.';
