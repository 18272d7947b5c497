-- Commits after every batch, so it can be neither definer nor carry a SET clause: it qualifies every name and only calls.
create or replace procedure freehold.tenant_provision_staged(
    slug text,
    template text default 'default',
    display_name text default null,
    external_id text default null,
    settings jsonb default '{}'
)
    language plpgsql security invoker
as $$
declare
    v_operation freehold.operation;
begin
    call freehold._outside_transaction('a staged provision', pg_catalog.format('freehold.tenant_provision_step(%L, %L)', slug, template));
    v_operation := freehold.tenant_provision_step(slug, template, display_name, external_id, settings);
    commit;
    call freehold.operation_resume(v_operation.id);
end
$$;

comment on procedure freehold.tenant_provision_staged(text, text, text, text, jsonb) is
    'tenant_provision() for templates of more objects than one transaction has locks for: commits by batch, so call it outside a '
    'transaction. Until it ends the tenant is in state provisioning and nobody gets in; stopped on the way it goes on with the '
    'same call or operation_resume(), and operation_undo() takes it back.';
