-- To find a function by its name PostgreSQL reads the functions of that name in all schemas, one in every tenant, and reads them
-- anew once any function has changed, as each GRANT and REVOKE on one does: with thousands of tenants that costs more than
-- to make the function. So a function is made while the default privileges of its owner are those it is to have; after the
-- last one they are PostgreSQL's own again.
-- What PUBLIC keeps and what others get is done so. What the owner itself loses, or gets a grant option for, has its statement at the
-- end as before: until then the owner needs the function. So has an aggregate with names in quotes or with arguments that have names:
-- GRANT calls it another way.
create or replace function freehold._ddl_default_privileges(ddl freehold.template_ddl[])
returns table (ordinal integer, script text)
language sql
immutable
begin atomic
    with item as (
        select
            d.ordinal,
            d.ddl,
            d.kind <> 'acl' as made,
            case d.kind
                when 'acl' then a.part[1]
                when 'procedure' then 'procedure ' || d.identity
                when 'aggregate' then
                    case when d.identity !~ '"' then 'function ' || replace(replace(d.identity, '(*)', '()'), ', ', ',') end
                else 'function ' || d.identity
            end as target,
            coalesce('grant execute on functions to ' || a.part[2], 'revoke execute on functions from public') as given,
            coalesce('revoke execute on functions from ' || a.part[2], 'grant execute on functions to public') as taken
        from unnest(ddl) d
        left join lateral regexp_match(
            d.identity,
            '^((?:function|procedure) .*) (?:to ([^ "]+|"(?:[^"]|"")+")|from public)$') a (part) on d.kind = 'acl'
        where d.kind in ('function', 'procedure', 'aggregate') or d.kind = 'acl' and a.part is not null
    ), granted as (
        select
            i.ordinal,
            i.ddl,
            i.made,
            bool_or(i.made) over w as whole,
            string_agg('alter default privileges ' || i.given, E';\n') filter (where not i.made) over w as given,
            string_agg('alter default privileges ' || i.taken, E';\n') filter (where not i.made) over w as taken
        from item i
        window w as (partition by i.target order by i.ordinal rows between unbounded preceding and unbounded following)
    ), changed as (
        select
            g.ordinal,
            g.ddl,
            g.made,
            g.given,
            lag(g.given) over w as given_before,
            lag(g.taken) over w as taken_before,
            case when lead(g.ordinal) over w is null then g.taken end as taken_after
        from granted g
        where g.whole
        window w as (partition by g.made order by g.ordinal)
    )
    select c.ordinal, s.script
    from changed c
    cross join lateral (
        select case
            when c.made then concat_ws(
                E';\n',
                case when c.given is distinct from c.given_before then c.taken_before end,
                case when c.given is distinct from c.given_before then c.given end,
                c.ddl,
                c.taken_after)
            else ''
        end) s (script)
    where s.script <> c.ddl;
end;

comment on function freehold._ddl_default_privileges(freehold.template_ddl[]) is
    'What to run in place of statements that make functions and grant them: empty where nothing is left to do.';
