-- What an owner makes is granted as its default privileges say, which a replay into an empty schema did not know yet: the
-- functions are not PUBLIC's to execute, and the runtime role has its own.
create or replace function freehold._repair_privileges(things freehold._repair_row[], steps freehold._repair_step[])
    returns setof freehold._repair_step
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with made as (
        select s.kind, s.identity, s.target, s.place,
               case when s.kind = 'sequence' then 'sequences'
                    when s.target like 'relation %' then 'tables'
                    when s.target like 'routine %' then 'functions' else 'types' end as class,
               case when s.kind = 'sequence' then 'sequence ' || s.identity
                    when s.target like 'relation %' then 'table ' || s.identity
                    when s.kind = 'procedure' then 'procedure ' || s.identity
                    when s.target like 'routine %' then s.target
                    else 'type ' || s.identity end as object
        from unnest(steps) as s
        where s.stage = 3 and s.reason is null and s.statement like 'create %' and s.statement not like 'create or replace %'
          and s.kind in ('table', 'foreign table', 'view', 'materialized view', 'sequence', 'function', 'procedure', 'aggregate',
                         'type', 'domain')
    )
    select distinct 3, m.place, 80, 'dependent', 'acl', m.identity, m.target, x.statement, null::text, false, null::text
    from made as m
    cross join lateral (
        select format('grant execute on %s to public', m.object) as statement
        where m.class = 'functions'
          and not exists (select from unnest(things) as r
                          where r.kind = 'acl' and r.expected is not null and r.target = m.target and r.identity like '% from public')
        union all
        select format('revoke all on %s from %s', m.object, d.grantee)
        from unnest(things) as r
        cross join lateral (select substring(r.actual[1], format(' on %s to (.*?)( with grant option)?$', m.class)) as grantee) as d
        where r.kind = 'default privileges' and r.actual is not null and d.grantee is not null
    ) as x
    union all
    select 0, 0, 0, 'dependent', 'setting', 'check_function_bodies', '', 'set local check_function_bodies = off', null, false, null
    where exists (select from unnest(steps) as s
                  where s.stage = 3 and s.reason is null and s.kind in ('function', 'procedure') and s.statement like 'create %')
$$;

comment on function freehold._repair_privileges(freehold._repair_row[], freehold._repair_step[]) is
    'What makes the privileges of new objects those of the template version, whatever the owner''s default privileges are.';
