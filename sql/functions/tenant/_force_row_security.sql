-- FORCE ROW LEVEL SECURITY binds the owner too, so a copy would silently lose rows; it is lifted for the copy. That locks
-- these tables of the source until commit.
create or replace function freehold._force_row_security(tenant freehold.tenant, force boolean, tables name[]) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_script text;
begin
    select string_agg(format('alter table %I.%I %s row level security', tenant.schema_name, t.name,
                             case when force then 'force' else 'no force' end), '; ') into v_script
    from unnest(tables) as t (name);
    if v_script is not null then
        perform freehold._owner_run(tenant.cell, tenant.schema_name, tenant.owner_role, v_script);
    end if;
end
$$;
