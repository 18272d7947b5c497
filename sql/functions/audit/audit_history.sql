-- security definer: the logs are the owner's to read. Touches: a home's log (read). Volatile, though it changes nothing: what does
-- not change rows is a reader's to call, and row images are not.
create or replace function freehold.audit_history(
    home text, table_name text default null, key jsonb default null, max_rows integer default 100, before bigint default null
) returns setof freehold.audit_entry
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
    v_names name[];
begin
    perform freehold._audit_reader(v_home);
    if table_name is not null then
        v_names := array[table_name] || array(
            select c.relname
            from freehold._audit_tree(to_regclass(format('%I.%I', v_home.schema_name, table_name))) as t
            join pg_class as c on c.oid = t.relation);
    end if;
    -- What changed a key holds all of its row: the row is found by the key that it got as well.
    return query execute format(
        'select l.id, l.entry_id, l.xid, l.at, l.table_name::text, l.action, l.key, l.old, l.new, l.actor, l.login::text,
                l.application_name, l.client_address, l.request_id
         from freehold_audit.%I as l
         where ($1 is null or l.table_name = any ($1)) and ($3 is null or l.id < $3)
             and ($2 is null or l.key = $2 or l.action = ''update'' and l.new @> $2 or l.action = ''truncate'')
         order by l.id desc
         limit $4', freehold._audit_name(v_home.id))
        using v_names, key, before, max_rows;
end
$$;

comment on function freehold.audit_history(text, text, jsonb, integer, bigint) is
    'Who changed what of a tenant, or of a template by its name after @, the newest first: all of it, a table (its partitions and '
    'children included) or one row by its key ({"id": 7}). before is the id of the last entry of the page before. For administrators, '
    'and for the tenant''s own roles after audit_open(). Raises FH101 and FH102 for an unknown home, FH202 for one that is not audited, '
    'FH303 for whoever may not read it.';
