-- Entries of a home's log, the newest first.
create or replace function freehold._audit_entries(
    home freehold.tenant, table_name text, key jsonb, max_rows integer, before bigint
) returns setof freehold.audit_entry
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_names name[];
begin
    if table_name is not null then
        v_names := array[table_name] || array(
            select c.relname
            from freehold._audit_tree(to_regclass(format('%I.%I', home.schema_name, table_name))) as t
            join pg_class as c on c.oid = t.relation);
    end if;
    -- What changed a key holds all of its row: the row is found by the key that it got as well.
    return query execute format(
        'select l.id, l.entry_id, l.xid, l.at, l.table_name::text, l.action, l.key, l.old, l.new, l.actor, l.login::text,
                l.application_name, l.client_address, l.request_id
         from %s as l
         where ($1 is null or l.table_name = any ($1)) and ($3 is null or l.id < $3)
             and ($2 is null or l.key = $2 or l.action = ''update'' and l.new @> $2 or l.action = ''truncate'')
         order by l.id desc
         limit $4', freehold._audit_source(home.id))
        using v_names, key, before, max_rows;
end
$$;
