-- security definer: the table is the owner's. Touches: tenant_key (row lock), event (one row).
create or replace function freehold.tenant_key_get(recipient text) returns freehold.tenant_key
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_key constant freehold.tenant_key := freehold._tenant_key_find(recipient);
begin
    perform freehold._tenant_key_event('used', v_key);
    return v_key;
end
$$;

comment on function freehold.tenant_key_get(text) is
    'The key of a public half, with the wrapped private one, which opens nothing without its provider. Writes an event. Raises FH131 '
    'where there is none, FH231 where it is destroyed, FH401 when busy.';
