-- security definer: the tables are the owner's. Touches: tenant, template_ddl (read).
create or replace function freehold.tenant_repair(slug text, allow_data_loss boolean default false)
    returns table (ordinal integer, change text, kind text, identity text, statement text, by_hand boolean)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold.tenant_get(slug);
    v_schema constant regnamespace := quote_ident(v_tenant.schema_name)::regnamespace;
begin
    return query
        select row_number() over (order by s.stage, s.place, s.part, s.statement)::integer, s.change, s.kind,
               freehold._ddl_readable(s.identity, v_schema),
               freehold._ddl_readable(case
                   when s.reason is null then s.statement
                   else regexp_replace(format(E'by hand, as %s:\n%s', s.reason, s.statement), '^', '-- ', 'gn')
               end, v_schema),
               s.reason is not null
        from freehold._repair_plan(v_tenant, coalesce(allow_data_loss, false)) as s
        order by 1;
end
$$;

comment on function freehold.tenant_repair(text, boolean) is
    'The statements that bring a tenant''s schema back to its template version, in an order that runs; as one script, ended with '
    'semicolons, for freehold.migration_apply() or for the schema''s owner. What depends on a dropped object is made again. by_hand '
    'marks what no statement does, with the reason, and what would lose data unless allow_data_loss: comments, which a script may hold. '
    'No row means no drift. Raises FH101 for an unknown slug.';
