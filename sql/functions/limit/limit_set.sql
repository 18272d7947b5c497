-- security definer: alters roles through a cell. Touches: tenant, operation (one row each).
create or replace function freehold.limit_set(slug text, name text, value text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_number integer;
begin
    perform freehold._limit_check(name);
    v_number := freehold._limit_value(name, value);
    return freehold._limit_change(
        'limit_set', v_tenant, v_tenant.limits || jsonb_build_object(name, v_number), array[name], jsonb_build_object(
            'name', name, 'old', freehold._limit_text(name, (v_tenant.limits ->> name)::bigint),
            'new', freehold._limit_text(name, v_number)));
end
$$;

comment on function freehold.limit_set(text, text, text) is
    'Limits what a tenant may use. statement_timeout, lock_timeout, idle_in_transaction_session_timeout and work_mem are in force in '
    'its transactions until SQL in them sets another value: they hold against mistakes. temp_file_limit, of its own logins, and '
    'connections, the sessions of each of them, no tenant can lift. concurrency is how many transactions of it a pool has under way '
    'at a time. The value is written as PostgreSQL writes it (5s, 64MB). The same again puts right what was changed at the roles. '
    'Raises FH101 for an unknown slug, FH003 for another name or a value that PostgreSQL does not take, FH202 unless the tenant is '
    'active or suspended, FH303 for temp_file_limit where no superuser has allowed it.';
