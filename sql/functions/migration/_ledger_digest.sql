-- By which the migrations that a home has, as _ledger() would tell, are told to be those of another: to compare them one by one takes
-- the square of their number. What is not applied is seldom and has an index of its own, so the rest is read from the key alone.
create or replace function freehold._ledger_digest(home freehold.tenant) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_base text[];
    v_applied text;
begin
    select (select v.migrations from freehold.template_version as v where v.template = home.template and v.version = home.base_version),
           string_agg(m.migration_id, ' ' order by m.migration_id)
    into v_base, v_applied
    from freehold.tenant_migration as m
    where m.home_id = home.id and m.migration_id <> all (array(
        select o.migration_id from freehold.tenant_migration as o where o.home_id = home.id and o.state <> 'applied'));
    if v_base <> '{}' then
        select string_agg(l.id, ' ' order by l.id) into v_applied
        from (select m.migration_id from freehold.tenant_migration as m where m.home_id = home.id
              union
              select b.id from unnest(v_base) as b (id)) as l (id)
        where l.id <> all (array(
            select o.migration_id from freehold.tenant_migration as o where o.home_id = home.id and o.state <> 'applied'));
    end if;
    return hashtextextended(coalesce(v_applied, ''), 0)::text;
end
$$;
