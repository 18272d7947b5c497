-- Commits after every batch, so it can be neither definer nor carry a SET clause: it qualifies every name and only calls.
create or replace procedure freehold.template_drop_staged(name text)
    language plpgsql security invoker
as $$
declare
    v_operation freehold.operation;
begin
    call freehold._outside_transaction('dropping a template in stages', pg_catalog.format('freehold.template_drop_step(%L)', name));
    v_operation := freehold.template_drop_step(name);
    commit;
    call freehold.operation_resume(v_operation.id);
end
$$;

comment on procedure freehold.template_drop_staged(text) is
    'template_drop() for templates of more objects than one transaction has locks for: commits by batch, so call it outside a '
    'transaction. Stopped on the way it goes on with the same call or operation_resume(). Raises what template_drop_step() raises.';
