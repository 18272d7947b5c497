-- In a replay the parent has no keys yet when a partition comes; here it has, and would make its own where the partition has none.
create or replace function freehold._repair_attach(things freehold._repair_row[], steps freehold._repair_step[])
    returns setof freehold._repair_step
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with late as materialized (
        select s.identity
        from unnest(steps) as s
        where s.kind = 'partition' and s.stage = 3
          and exists (select from unnest(things) as r
                      where r.kind = 'table' and r.actual is not null
                        and starts_with(s.statement, format('alter table only %s attach partition ', r.identity)))
    ),
    built as materialized (
        select max(r.expected_at) as place
        from unnest(things) as r
        where r.kind in ('primary key', 'unique', 'exclusion', 'index', 'index partition')
           or r.kind = 'foreign key' and freehold._repair_name(r.identity, 1) in (select l.identity from late as l)
    )
    select distinct s.stage, case when m.moved then b.place else s.place end, case when m.moved then m.part else s.part end,
           s.change, s.kind, s.identity, s.target, s.statement, s.root, s.loses, s.reason
    from unnest(steps) as s
    cross join built as b
    cross join lateral (select substring(s.statement, '^alter index (.*) attach partition ') as parent) as p
    cross join lateral (
        select s.stage = 3 and b.place is not null and (
                   s.kind = 'partition' and s.identity in (select l.identity from late as l)
                   or s.kind = 'index partition' and exists (select from late)
                      and exists (select from unnest(things) as r
                                  where r.actual is not null
                                    and (r.kind = 'index' and r.identity = p.parent
                                         or r.kind in ('primary key', 'unique') and freehold._repair_name(r.identity, 2) = p.parent))
               ) as moved,
               case s.kind when 'partition' then 95 else 96 end as part
    ) as m
$$;

comment on function freehold._repair_attach(freehold._repair_row[], freehold._repair_step[]) is
    'The same statements; a partition is attached once it has its own keys and indexes.';
