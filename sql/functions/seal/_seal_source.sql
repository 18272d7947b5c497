-- A query of a chain's rows: their place, and the hash of all their columns in a form that no setting of a session changes. The id
-- that each row has from a random number is its salt. Null where there is no such table, or no more.
create or replace function freehold._seal_source(chain uuid) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_log constant name := freehold._audit_name(chain);
begin
    if chain = '00000000-0000-0000-0000-000000000000' then
        return $q$select e.xid, e.id, sha256(convert_to(format('freehold event 1 %L %L %L %L %L %L %L %L %L %L %L %L %L %L',
            e.id, e.event_id, e.xid::text, extract(epoch from e.at), e.kind, e.tenant_id, e.slug, e.actor, e.login, e.reason,
            e.detail, e.application_name, e.client_address, e.request_id), 'UTF8')) as leaf,
            e.event_id as entry_id, e.at, to_jsonb(e) as entry
            from freehold.event as e$q$;
    end if;
    if to_regclass(format('freehold_audit.%I', v_log)) is null then
        return null;
    end if;
    return format(
        $q$select e.xid, e.id, sha256(convert_to(format('freehold row 1 %2$s %%L %%L %%L %%L %%L %%L %%L %%L %%L %%L %%L %%L %%L %%L',
            e.id, e.entry_id, e.xid::text, extract(epoch from e.at), e.table_name, e.action, e.key, e.old, e.new, e.actor, e.login,
            e.application_name, e.client_address, e.request_id), 'UTF8')) as leaf,
            e.entry_id, e.at, to_jsonb(e) as entry
            from %1$s as e$q$, freehold._audit_source(chain), chain);
end
$$;
