-- security definer: drops schema and roles through a cell. Touches: tenant, operation (one row each).
create or replace function freehold.tenant_erase_step(slug text, reason text default null) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_operation constant freehold.operation := freehold._operation_open(slug, 'erase');
begin
    if v_operation.id is not null then
        return freehold.operation_step(v_operation.id);
    end if;
    if v_tenant.state = 'retired' and v_tenant.erase_after > freehold._now() then
        raise exception 'tenant "%" is kept until %', slug, to_char(v_tenant.erase_after, 'YYYY-MM-DD HH24:MI TZ')
            using errcode = 'FH207', hint = format('select freehold.tenant_reinstate(%L); brings it back before that.', slug);
    end if;
    if v_tenant.state = 'retired' and coalesce(btrim(reason), '') = '' then
        raise exception 'an erasure needs a reason'
            using errcode = 'FH003', detail = 'The operation log keeps it.',
                  hint = format('Say why: call freehold.tenant_erase(%L, ''...'');', slug);
    end if;
    if v_tenant.state = 'provisioning' then
        raise exception 'tenant "%" is provisioning', slug
            using errcode = 'FH202', detail = 'What is being made is taken back by undoing its operation.',
                  hint = format('select id, kind from freehold.operation_list(%L); then call freehold.operation_undo(id).', slug);
    end if;
    return freehold._erase_step(v_tenant, null, reason);
end
$$;

comment on function freehold.tenant_erase_step(text, text) is
    'One transaction''s worth of an erasure, for clients that cannot CALL outside a transaction: call it until the operation it '
    'returns is no longer running. The last one lists what was found left over in detail.residue. The first needs a reason. '
    'Raises FH003 without one, FH101 for an unknown slug, FH202 unless the tenant is retired or erasing, FH206 when something '
    'outside depends on the schema, FH207 before the grace period is over, FH221 under a legal hold: then record the request by '
    'erasure_request().';
