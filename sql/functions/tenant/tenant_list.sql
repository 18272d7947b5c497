-- security definer: the tables are the owner's. Touches: tenant, template (read).
create or replace function freehold.tenant_list(
    state text default null,
    template text default null,
    search text default null,
    after text default null,
    max_rows integer default 1000
) returns setof freehold.tenant
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select freehold._word_check('state', tenant_list.state, 'freehold.tenant');
    select freehold._template_known(tenant_list.template) where tenant_list.template is not null;
    select *
    from freehold.tenant as t
    where case when tenant_list.state is null then t.state <> 'erased' else t.state = tenant_list.state end
        and (tenant_list.template is null or t.template = tenant_list.template)
        and (search is null
             or strpos(t.slug, lower(search)) > 0
             or strpos(lower(t.display_name), lower(search)) > 0
             or strpos(t.external_id_key, lower(search)) > 0)
        and (after is null or t.slug > after)
    order by t.slug, t.created_at
    limit max_rows
$$;

comment on function freehold.tenant_list(text, text, text, text, integer) is
    'Tenants by slug: in one state (provisioning, active, suspended, retired, erasing, erased; the last only when asked for), of one '
    'template, with a text in slug, name or external id; page on with after => the last slug seen. Raises FH003 for another state, '
    'FH102 for an unknown template.';
