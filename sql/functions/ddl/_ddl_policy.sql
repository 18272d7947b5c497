create or replace function freehold._ddl_policy(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'post', 180, 'pg_policy'::regclass::oid, p.oid, 'policy', format('%s.%I', r.name, p.polname),
        concat(
            format(
                'create policy %I on %s as %s for %s to %s',
                p.polname, r.name,
                case when p.polpermissive then 'permissive' else 'restrictive' end,
                case p.polcmd
                    when 'r' then 'select'
                    when 'a' then 'insert'
                    when 'w' then 'update'
                    when 'd' then 'delete'
                    else 'all'
                end,
                (
                    select string_agg(o.name, ', ' order by o.name collate "C")
                    from (select freehold._ddl_role(role) as name from unnest(p.polroles) u (role)) o
                )
            ),
            ' using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
            ' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
        )
    from freehold._ddl_relation(ns) r
    join pg_policy p on p.polrelid = r.relid;
end;

comment on function freehold._ddl_policy(oid) is
'The row security policies of a schema''s tables.';
