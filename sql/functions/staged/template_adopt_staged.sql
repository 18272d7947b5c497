-- Commits after every batch, so it can be neither definer nor carry a SET clause: it qualifies every name and only calls.
create or replace procedure freehold.template_adopt_staged(name text, schema regnamespace)
    language plpgsql security invoker
as $$
declare
    v_operation freehold.operation;
begin
    call freehold._outside_transaction('a staged adoption',
                                       pg_catalog.format('freehold.template_adopt_step(%L, %L)', name, schema));
    v_operation := freehold.template_adopt_step(name, schema);
    commit;
    call freehold.operation_resume(v_operation.id);
end
$$;

comment on procedure freehold.template_adopt_staged(text, regnamespace) is
    'template_adopt() for schemas of more objects than one transaction has locks for: commits by batch, so call it outside a '
    'transaction. Until it ends the template is in state adopting, and nothing is frozen or built from it; stopped on the way it '
    'goes on with the same call or operation_resume(), and operation_undo() takes it back. Leave the source alone meanwhile: its '
    'DDL is compared at the end, and what was changed is refused (FH202).';
