-- The names of the migrations that a home has, as _ledger() would tell, in no order: what each step of a rollout asks.
create or replace function freehold._ledger_applied(home freehold.tenant) returns text[]
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_base text[];
    v_applied text[];
    v_undone text[];
begin
    select (select v.migrations from freehold.template_version as v where v.template = home.template and v.version = home.base_version),
           array_agg(m.migration_id) filter (where m.state = 'applied'), array_agg(m.migration_id) filter (where m.state <> 'applied')
    into v_base, v_applied, v_undone
    from freehold.tenant_migration as m where m.home_id = home.id;
    if v_undone is not null then
        v_base := array(select b.id from unnest(v_base) as b (id) where b.id <> all (v_undone));
    end if;
    return coalesce(v_base, '{}') || v_applied;
end
$$;
