-- What becomes of a tenant's rows in the control plane's tables, by the columns that may name it. A table that is not here and has such
-- a column is found by _residue_rows(). Tables of parts that are not installed are passed over.
create or replace function freehold._erasure_table() returns table (table_name name, column_name name, action text, why text)
    language sql immutable security invoker
begin atomic
    select *
    from (values
        ('tenant'::name, 'id'::name, 'keep', 'the registry''s tombstone: id, slug, names of schema and roles, times'),
        ('tenant', 'slug', 'keep', null),
        ('operation', 'tenant_id', 'keep', 'the operation log: who did what to the tenant, when and why; errors are taken out'),
        ('operation', 'slug', 'keep', null),
        ('event', 'tenant_id', 'keep', 'the control plane''s audit, without personal data'),
        ('event', 'slug', 'keep', null),
        ('event', 'event_id', 'keep', null),
        ('rollout_tenant', 'home_id', 'keep', 'which rollouts it took part in; errors are taken out'),
        ('rollout_tenant', 'slug', 'keep', null),
        ('rollout_tenant', 'lease', 'keep', null),
        ('template', 'id', 'keep', null),
        ('legal_hold', 'tenant_id', 'keep', 'the holds that it was under'),
        ('erasure_task', 'tenant_id', 'keep', 'what was erased outside the database'),
        ('erasure_task', 'lease', 'keep', null),
        ('erasure_certificate', 'tenant_id', 'keep', 'the certificate'),
        ('break_glass', 'tenant_id', 'keep', 'who of the staff was inside, when and why'),
        ('break_glass', 'slug', 'keep', null),
        ('seal', 'chain', 'keep', 'salted hashes of its audit log''s rows, which tell nothing without them'),
        ('seal_chain', 'chain', 'keep', null),
        ('access_log', 'tenant_id', 'delete', null),
        ('access_log', 'slug', 'keep', null),
        ('access_log', 'entry_id', 'keep', null),
        ('tenant_key', 'tenant_id', 'delete', null),
        ('outbox', 'tenant_id', 'delete', null),
        ('tenant_size', 'tenant_id', 'delete', null),
        ('audit_log', 'home_id', 'drop', null),
        ('reserve', 'tenant_id', 'delete', null),
        ('tenant_migration', 'home_id', 'delete', null),
        ('mask_rule', 'home_id', 'delete', null),
        ('rollup_tenant', 'tenant_id', 'delete', null),
        ('member_role', 'tenant_id', 'delete', null),
        ('membership', 'tenant_id', 'delete', null),
        ('membership', 'user_id', 'keep', null),
        ('invitation', 'tenant_id', 'delete', null),
        ('api_key_tenant', 'tenant_id', 'delete', null),
        ('invitation', 'id', 'keep', null),
        ('invitation', 'invited_by', 'keep', null),
        ('invitation', 'accepted_by', 'keep', null),
        ('signup', 'tenant_id', 'keep', 'how it came to be: stages, times, who asked; errors are taken out'),
        ('signup', 'slug', 'keep', null),
        ('signup', 'user_id', 'keep', null),
        ('app_user', 'id', 'keep', 'the people who were its members: they are users of their own, user_erase() forgets them')
    ) as t (table_name, column_name, action, why);
end;
