-- In another tenant's schema everything is too much; of the control plane, what is not declared; of PostgreSQL's own, what it
-- did not come with; of what tenants share, all but reading. Which shared functions are dangerous, _isolation_of_functions() says.
create or replace function freehold._isolation_of_grants()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with declared as (
        select to_regrole(quote_ident(d.role_name))::oid as role_id, lower(d.privilege) as privilege,
               case d.object_kind when 'schema' then 'pg_namespace'::regclass else 'pg_proc'::regclass end as classid,
               case d.object_kind when 'schema' then d.object::regnamespace::oid else d.object::regprocedure::oid end as id
        from freehold._grant_declared() as d
    ), judged as (
        select g.*,
               case
                   when g.place in ('home', 'control') then 'breach'
                   when g.classid = 'pg_class'::regclass then
                       case when g.place = 'system' and g.initial then null
                            when g.initial or g.place = 'shared' and g.privilege = 'select' then 'note' else 'breach' end
                   when g.classid = 'pg_proc'::regclass then case when not g.initial then 'breach' end
                   when g.classid = 'pg_namespace'::regclass then case when g.privilege = 'create' then 'breach' end
                   when g.classid = 'pg_database'::regclass then
                       case when g.id <> (select d.oid from pg_database as d where d.datname = current_database()) then 'visible'
                            when g.privilege <> 'connect' or g.grantee = 0 then 'breach' end
                   when g.classid in ('pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass, 'pg_tablespace'::regclass,
                                      'pg_largeobject'::regclass, 'pg_parameter_acl'::regclass) then 'breach'
               end as verdict
        from freehold._isolation_grant() as g
        where not (g.place = 'control' and exists (
                       select from declared as d
                       where d.role_id = g.grantee and d.classid = g.classid and d.id = g.id and d.privilege = g.privilege))
    )
    select j.verdict, j.slug, j.role_name, n.kind, i.identity, string_agg(j.privilege, ', ' order by j.privilege),
           freehold._isolation_way(j.grantee, j.via),
           coalesce(j.undo, freehold._privilege_undo(string_agg(j.privilege || n.columns, ', ' order by j.privilege),
                                                     format('%s %s', n.keyword, n.name), j.grantee, j.grantor, j.owner))
    from judged as j
    cross join lateral pg_identify_object(j.classid, j.id, j.subid) as i
    cross join lateral freehold._isolation_name(j.classid, j.id, j.subid) as n
    where j.verdict is not null
    group by j.verdict, j.slug, j.role_name, n.kind, n.keyword, n.name, n.columns, i.identity, j.grantee, j.grantor, j.owner, j.via, j.undo
$$;
