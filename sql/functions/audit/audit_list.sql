-- security definer: the tables are the owner's. Touches: tenant, template, catalogs (read).
create or replace function freehold.audit_list(home text)
    returns table (table_name text, key text[], exclude text[], mask text[], since timestamptz, fault text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
begin
    return query
        select c.relname::text, t.keys, t.exclude, t.mask, (l.tables ->> c.relname)::timestamptz, t.fault
        from freehold._audit_table(to_regnamespace(quote_ident(v_home.schema_name))) as t
        join pg_class as c on c.oid = t.relation
        left join freehold.audit_log as l on l.home_id = v_home.id
        order by 1;
end
$$;

comment on function freehold.audit_list(text) is
    'The audited tables of a tenant, or of a template by its name after @: key, columns left out and masked, since when, and what keeps '
    'the record from being whole. Raises FH101 and FH102 for an unknown home.';
