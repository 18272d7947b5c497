-- security definer: the table is the owner's. Touches: audit_log, operation (one row each).
create or replace function freehold.audit_open(slug text, tenant_reads boolean default true) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold.tenant_get(slug);
    v_started constant timestamptz := freehold._now();
begin
    if tenant_reads is null then
        raise exception 'tenant_reads is true or false' using errcode = 'FH003';
    end if;
    update freehold.audit_log as l set tenant_reads = audit_open.tenant_reads where l.home_id = v_tenant.id;
    if not found then
        raise exception 'tenant "%" is not audited', slug
            using errcode = 'FH202', hint = format('select freehold.audit_enable(%L, ''...'');', slug);
    end if;
    perform freehold._operation_done('audit_open', v_tenant.id, v_tenant.slug, v_started,
                                     jsonb_build_object('tenant_reads', tenant_reads));
end
$$;

comment on function freehold.audit_open(text, boolean) is
    'Lets a tenant''s own roles read the history of its rows, or no more. It holds old values of all columns that are recorded, whatever '
    'those roles may see in the tables. Raises FH101 for an unknown slug, FH202 for a tenant without audited tables.';
