-- Asks one tenant as its reader. Never fails for what a tenant's code does: that is the answer then.
--
-- Why a definer function of each reader's, and no SET LOCAL ROLE by the caller: code of the tenant's that a query runs (views,
-- functions, policies, casts) could RESET ROLE to the login of whoever asks. In a definer function PostgreSQL refuses every change of
-- the role. And why all of it is rolled back, whatever comes of it: with the subtransaction go the settings that code made, its
-- cursors, notifications, locks and temporary objects, so that nothing waits for the next tenant or for the caller. It is read-only,
-- which inside a subtransaction nobody can take back. What a rollback leaves is prepared statements, which are deallocated here, and
-- advisory locks, which _fleet_clean() releases.
--
-- A cancel that code of the tenant's claims by RAISE is no cancel. One that it swallows is lost: who asks ends the session then.
-- Touches: fleet_turn (one row, rolled back); access_log (one row, where it is on).
create or replace function freehold._fleet_ask(
    slug text, query text, timeout interval, max_rows integer, max_bytes bigint, purpose text,
    out answer jsonb[], out error_code text, out error text, out cancelled boolean
)
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
    v_prepared constant text[] := array(select p.name from pg_prepared_statements as p where p.from_sql);
    v_done boolean := false;
    v_more text;
    v_context text;
    v_left text;
begin
    cancelled := false;
    select * into v_tenant from freehold.tenant as t where t.slug = _fleet_ask.slug and t.state <> 'erased';
    select r.error_code, r.error into error_code, error from freehold._fleet_refusal(slug, v_tenant) as r;
    if error_code is not null then
        return;
    end if;
    if freehold._setting_value('access_log') = 'on' then
        perform freehold.access_record(v_tenant.id, freehold.actor_current(), 'read', purpose => _fleet_ask.purpose,
                                       request_id => nullif(current_setting('freehold.request_id', true), ''));
    end if;
    begin
        insert into freehold.fleet_turn (xid, role_name) values (pg_current_xact_id(), v_tenant.ro_role);
        perform set_config('transaction_read_only', 'on', true),
                set_config('lock_timeout', ceil(extract(epoch from timeout) * 1000)::text, true),
                set_config('cursor_tuple_fraction', '1', true),
                set_config('work_mem', coalesce(v_tenant.limits ->> 'work_mem', current_setting('work_mem')), true);
        execute format('select r.answer, r.more from freehold_runner.%I($1, $2, $3, $4, $5) as r', freehold._reading_name(v_tenant.id))
            into answer, v_more
            using query, format('%I, pg_catalog, pg_temp', v_tenant.schema_name), clock_timestamp() + timeout, max_rows, max_bytes;
        v_done := true;
        raise transaction_rollback using message = 'nothing of it stays';
    exception
        when query_canceled or assert_failure or others then
            if not v_done then
                get stacked diagnostics error_code = returned_sqlstate, error = message_text, v_context = pg_exception_context;
                answer := null;
                cancelled := error_code = '57014' and split_part(v_context, E'\n', 1) !~ ' at RAISE$';
                -- Such a code is freehold's to say, not a tenant's.
                error_code := case when error_code like 'FH%' then 'P0001' else error_code end;
                error := left(error, 500);
            end if;
    end;
    for v_left in
        select p.name from pg_prepared_statements as p
        where p.from_sql and (p.name <> all (v_prepared) or p.prepare_time >= statement_timestamp())
    loop
        execute format('deallocate %I', v_left);
        answer := null;
        error_code := 'FH303';
        error := format('code of tenant "%s" left a prepared statement', slug);
    end loop;
    if error_code is null and v_more is not null then
        error_code := 'FH271';
        error := case v_more when 'rows' then format('tenant "%s" has more than %s rows', slug, max_rows)
                      else format('the answer of tenant "%s" has more than %s bytes', slug, max_bytes) end;
    end if;
end
$$;
