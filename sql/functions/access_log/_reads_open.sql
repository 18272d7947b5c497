-- security definer: who acts for tenants may not set what pgaudit logs. For the transaction. Touches: nothing.
create or replace function freehold._reads_open() returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('pgaudit.log', 'read', true);
end
$$;
