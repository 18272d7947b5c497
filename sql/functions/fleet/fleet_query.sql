-- security definer: runs the query through the tenants' readers. Touches: event (one row), tenant (read), access_log (a row for each
-- tenant, where it is on).
create or replace function freehold.fleet_query(
    query text, slugs text[] default null, template text default null, tier text default null, timeout interval default '30 seconds',
    max_rows integer default 1000, max_bytes bigint default 10000000, reason text default null
) returns table (slug text, "row" jsonb, error_code text, error text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_slugs constant text[] := freehold._fleet_slugs(slugs, template, tier);
    v_held constant text[] := freehold._fleet_locks();
    v_slug text;
    v_asked record;
begin
    perform freehold._fleet_check(query, timeout, max_rows, max_bytes);
    perform freehold._fleet_begin(query, v_slugs, reason);
    -- The event is the transaction's, which its caller can roll back when the rows are seen. This line stays.
    raise log 'freehold: fleet query by % of % tenants: %', session_user, cardinality(v_slugs), left(query, 2000);
    foreach v_slug in array v_slugs loop
        v_asked := freehold._fleet_ask(v_slug, query, timeout, max_rows, max_bytes, 'fleet query');
        if v_asked.cancelled then
            perform freehold._fleet_clean(v_held);
            raise query_canceled
                using message = 'the fleet query was cancelled', detail = format('It was at tenant "%s".', v_slug),
                      hint = 'statement_timeout is for the whole call: raise it, or ask tenant by tenant.';
        end if;
        return query select v_slug, a.value, null::text, null::text from unnest(v_asked.answer) as a (value);
        if v_asked.error_code is not null then
            return query select v_slug, null::jsonb, v_asked.error_code, v_asked.error;
        end if;
    end loop;
    perform freehold._fleet_clean(v_held);
end
$$;

comment on function freehold.fleet_query(text, text[], text, text, interval, integer, bigint, text) is
    'Asks one query, a single statement that only reads, of tenant after tenant as its reader: of those that are named, or of all '
    'that are active; of one template, of one tier. Returns the rows as jsonb with the slug, and after the rows of a tenant one with an '
    'error where there was one: FH271 where it has more than max_rows or max_bytes, FH104 before fleet_prepare(), else what its database '
    'or its code said. timeout is for each tenant and looked at between two rows; statement_timeout is for the call. Nothing that a '
    'tenant''s code does outlasts its turn. An event keeps query, actor, number of tenants and reason. A caller can roll that back, but '
    'not the line in the server''s log: fleet_begin() leaves no such choice. Raises FH003 for bad arguments.';
