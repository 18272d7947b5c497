-- security definer: the tables are the owner's. Touches: tenant, template, template_version, tenant_migration (read).
create or replace function freehold.migration_list(home text)
    returns table (
        ordinal bigint, migration_id text, state text, source_digest text, text_digest text, applied_at timestamptz, applied_by text,
        duration interval, rollout_id bigint, rows bigint, inherited boolean
    )
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
begin
    return query select l.* from freehold._ledger(v_home.id, v_home.template, v_home.base_version) as l order by l.ordinal;
end
$$;

comment on function freehold.migration_list(text) is
    'The ledger of a tenant, or of a template''s own schema (its name after @), in the order of application. inherited: it was built '
    'with that. Raises FH101 and FH102 for an unknown home.';
