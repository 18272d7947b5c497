-- security definer: the tables are the owner's. Touches: tenant, template (read).
create or replace function freehold.migration_home(home text)
    returns table (
        kind text, slug text, state text, schema_name name, tier text, settings jsonb, owner_role name, rw_role name, ro_role name,
        template_name text
    )
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select case when home like '@%' then 'template' else 'tenant' end, h.slug, h.state, h.schema_name, h.tier, h.settings, h.owner_role,
           h.rw_role, h.ro_role, h.template
    from freehold._home_get(home) as h
$$;

comment on function freehold.migration_home(text) is
    'What a migration is rendered for: a tenant by its slug, or a template''s own schema by its name after @. Raises FH101 and FH102.';
