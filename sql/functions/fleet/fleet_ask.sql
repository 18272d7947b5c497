-- security definer: runs the query through the tenant's reader. Touches: fleet_run (read), tenant (read), access_log (one row, where it is
-- on).
create or replace function freehold.fleet_ask(
    run bigint, slug text, timeout interval default '30 seconds', max_rows integer default 1000, max_bytes bigint default 10000000
) returns table ("row" jsonb, error_code text, error text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_run freehold.fleet_run;
    v_held constant text[] := freehold._fleet_locks();
    v_asked record;
begin
    v_run := freehold._fleet_run(run);
    perform freehold._fleet_check(v_run.query, timeout, max_rows, max_bytes);
    v_asked := freehold._fleet_ask(slug, v_run.query, timeout, max_rows, max_bytes, format('fleet query %s', run));
    perform freehold._fleet_clean(v_held);
    -- What the turn wrote is rolled back: its commit need not wait for the disk, but for a row of the access log.
    if freehold._setting_value('access_log') <> 'on' then
        perform set_config('synchronous_commit', 'off', true);
    end if;
    return query select a.value, null::text, null::text from unnest(v_asked.answer) as a (value);
    if v_asked.error_code is not null then
        return query select null::jsonb, v_asked.error_code, v_asked.error;
    end if;
end
$$;

comment on function freehold.fleet_ask(bigint, text, interval, integer, bigint) is
    'What one tenant answers to a query that fleet_begin() began: its rows, and after them a row with an error where there was one. Set '
    'statement_timeout to what a tenant is given: it ends what timeout, looked at between two rows, does not. Raises FH171 for a number '
    'that nobody, or another login, began, FH272 before its beginning is committed, FH003 for bad arguments; what goes wrong in the '
    'tenant is in the answer.';
