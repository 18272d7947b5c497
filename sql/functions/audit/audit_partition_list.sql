-- security definer: the tables are the owner's. Touches: tenant, template, audit_log, catalogs (read).
create or replace function freehold.audit_partition_list(home text)
    returns table (partition text, lower timestamptz, upper timestamptz, bytes bigint)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return query
        select p.name::text, p.lower, p.upper, pg_total_relation_size(p.relation)
        from freehold._audit_partition((freehold._audit_home_get(home)).id) as p
        order by p.upper nulls last;
end
$$;

comment on function freehold.audit_partition_list(text) is
    'The partitions of a log, the oldest first: from when on, until when, and their size. The one without bounds takes what none was '
    'made for. No row for a log that has none. Raises FH101 and FH102 for an unknown home, FH202 for one that is not audited.';
