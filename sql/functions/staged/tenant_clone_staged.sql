-- Commits after every batch, so it can be neither definer nor carry a SET clause: it qualifies every name and only calls.
create or replace procedure freehold.tenant_clone_staged(
    source text,
    target text,
    with_data boolean default true,
    mask boolean default false,
    display_name text default null,
    external_id text default null
)
    language plpgsql security invoker
as $$
declare
    v_operation freehold.operation;
begin
    call freehold._outside_transaction('a staged clone', pg_catalog.format('freehold.tenant_clone_step(%L, %L)', source, target));
    v_operation := freehold.tenant_clone_step(source, target, with_data, mask, display_name, external_id);
    commit;
    call freehold.operation_resume(v_operation.id);
end
$$;

comment on procedure freehold.tenant_clone_staged(text, text, boolean, boolean, text, text) is
    'tenant_clone() for schemas of more objects than one transaction has locks for: commits by batch, so call it outside a '
    'transaction. With data the source must be suspended, since its rows are read in several transactions. Stopped on the way it '
    'goes on with the same call or operation_resume(), and operation_undo() takes it back.';
