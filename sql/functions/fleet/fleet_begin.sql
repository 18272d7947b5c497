-- security definer: the tables are the owner's. Touches: fleet_run, event (one row each), tenant (read); deletes runs of the day before.
create or replace function freehold.fleet_begin(
    query text, slugs text[] default null, template text default null, tier text default null, reason text default null,
    out run bigint, out tenants text[]
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._fleet_check(query, '1 second', 1, 1);
    tenants := freehold._fleet_slugs(slugs, template, tier);
    delete from freehold.fleet_run as r
    where r.id = any (array(select o.id from freehold.fleet_run as o where o.at < freehold._now() - interval '1 day'
                            limit 100 for update skip locked));
    insert into freehold.fleet_run (at, query) values (freehold._now(), query) returning id into run;
    perform freehold._fleet_begin(query, tenants, reason, run);
end
$$;

comment on function freehold.fleet_begin(text, text[], text, text, text) is
    'Begins a fleet query that a client asks of tenant after tenant, over as many connections as it likes: returns its number, for '
    'fleet_ask(), and the slugs. Its event is kept once this is committed, whatever becomes of the rest. Which tenants and reason as '
    'for fleet_query(). Raises FH003 for no query.';
