-- The statements of a template's version as a fill commits them. Each commit tells every session of the database what has changed in
-- the catalogs, and one that is more than 4,096 messages behind forgets its catalog caches; one that is 2,048 behind is woken to
-- catch up. So batches are of one size, as near to 1,000 as that allows. A row of a catalog is one or two messages, which is 60 a
-- table and 5 a column, 15 an index or a constraint, 4 a grant, as counted in commit records. Of locks that is some hundred.
create or replace function freehold._reserve_batch(template text, version integer, reserve freehold.reserve) returns setof text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with statement as (
        select s.phase = 'audit' as audit, s.ordinal, s.ddl,
               case when d.kind ~ 'table' then 60 + 5 * regexp_count(s.ddl, '\n')
                    when d.kind ~ 'view' then 15 + 5 * regexp_count(s.ddl, '\n')
                    when d.kind in ('rows', 'sequence value') then 0
                    when d.kind in ('acl', 'comment', 'default privileges', 'function', 'trigger') then 4
                    else 15 end as messages
        from freehold._template_statements(
            _reserve_batch.template, _reserve_batch.version, reserve.schema_name, reserve.owner_role, reserve.rw_role) as s
        left join freehold.template_ddl as d
            on d.template = _reserve_batch.template and d.version = _reserve_batch.version and d.ordinal = s.ordinal
    ), running as (
        select s.ddl, sum(s.messages) over (order by s.audit, s.ordinal) as messages, sum(s.messages) over () as total,
               row_number() over (order by s.audit, s.ordinal) as n
        from statement as s
    )
    select string_agg(r.ddl, E';\n' order by r.n)
    from running as r
    group by r.messages * greatest(round(r.total / 1000.0), 1)::bigint / (r.total + 1)
    order by min(r.n)
$$;
