-- The record of audited tables is whole: every table with its partitions and children has four triggers that fire, of its own home's
-- function, over the columns that there are; logs and functions are as freehold makes them, and nobody else's to touch.
create or replace function freehold._doctor_audit()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as materialized (
        select t.id, t.slug as name, t.schema_name, t.template, t.template_version as version from freehold.tenant as t
        where t.state <> 'erased'
        union all
        select m.id, '@' || m.name, m.schema_name, null, null from freehold.template as m
        union all
        select r.tenant_id, null, r.schema_name, null, null from freehold.reserve as r
    ), fired as materialized (
        select g.tgrelid, count(distinct g.tgtype) filter (where g.tgenabled in ('O', 'A')) as fires,
               count(distinct g.tgargs) as versions, freehold._audit_argument(min(g.tgargs::text)::bytea) as arguments,
               array_agg(distinct p.proname) as writers
        from pg_trigger as g
        join pg_proc as p on p.oid = g.tgfoid and p.pronamespace = 'freehold_audit'::regnamespace
        where not g.tgisinternal
        group by g.tgrelid
    ), lacking as (
        select f.tgrelid as relation,
               case when h.id is null then 'it is in no tenant''s or template''s schema'
                    when f.writers <> array[freehold._audit_writer(h.id)] then 'it writes another log'
                    when f.fires < 4 then 'a trigger is missing or disabled'
                    when f.versions > 1 then 'the triggers are not of one kind'
                    when exists (
                        select from unnest(f.arguments[5]::text[]) as u
                        where not exists (select from pg_attribute as a
                                          where a.attrelid = f.tgrelid and a.attname = u and a.attnum > 0 and not a.attisdropped))
                        then 'a column that it names is gone: writers are refused'
                    when f.arguments[2]::text[] is distinct from (
                        select array_agg(a.attname::text order by k.n)
                        from pg_index as i
                        cross join lateral unnest(i.indkey) with ordinality as k (attnum, n)
                        join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
                        where i.indrelid = f.tgrelid and i.indisprimary and k.n <= i.indnkeyatts)
                        then 'the primary key is another one'
                    when freehold._audit_cast(f.tgrelid) then 'a cast of its schema to json decides what is recorded' end as fault
        from fired as f
        join pg_class as c on c.oid = f.tgrelid
        join pg_namespace as n on n.oid = c.relnamespace
        left join home as h on h.schema_name = n.nspname
        union all
        select i.inhrelid, format('%s is audited, and this is a part of it', i.inhparent::regclass)
        from fired as f
        join pg_inherits as i on i.inhparent = f.tgrelid
        join pg_class as c on c.oid = i.inhrelid and c.relkind in ('r', 'p')
        where not exists (select from fired as o where o.tgrelid = i.inhrelid)
        union all
        select to_regclass(format('%I.%s', h.schema_name, d.identity)), 'its template is audited'
        from home as h
        join freehold.template_ddl as d on d.template = h.template and d.version = h.version and d.kind = 'audit'
        where not exists (select from fired as o where o.tgrelid = to_regclass(format('%I.%s', h.schema_name, d.identity)))
    ), holder as (
        select a.name, a.owner, x.grantee, x.grantor, x.privilege_type as privilege
        from (
            select 'schema freehold_audit' as name, n.nspowner as owner, coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl
            from pg_namespace as n where n.nspname = 'freehold_audit'
            union all
            select format('table %s', c.oid::regclass), c.relowner, coalesce(c.relacl, acldefault('r', c.relowner))
            from pg_class as c where c.relnamespace = 'freehold_audit'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
            union all
            select format('function %s', p.oid::regprocedure), p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
            from pg_proc as p where p.pronamespace = 'freehold_audit'::regnamespace) as a
        cross join lateral aclexplode(a.acl) as x
        where x.grantee <> a.owner
            and not (x.grantee = freehold._role('owner')::regrole
                     and (x.privilege_type in ('USAGE', 'SELECT') or a.name = 'function freehold_audit.execute_statement(text)'))
            and not (x.grantee = freehold._role('audit_owner')::regrole and a.name = 'function freehold_audit.to_json(record)')
    )
    select distinct on (l.relation) 'error', l.relation::regclass::text, format('its audit is not whole: %s', l.fault),
           'Rows are changed, and nobody sees who did it.',
           coalesce(case when l.fault like 'a cast of %' then 'As its owner, in a migration: drop cast (... as json);' end,
                    format('select freehold.audit_enable(%L, %L);', h.name, c.relname),
                    'Empty the reserve and fill it again: call freehold.reserve_fill(''...'', 0);')
    from lacking as l
    join pg_class as c on c.oid = l.relation
    left join home as h on h.schema_name = c.relnamespace::regnamespace::name
    where l.fault is not null
    union all
    select 'error', coalesce(h.name, l.home_id::text),
           case when h.id is null then 'its log is left over'
                when c.oid is null then format('its log freehold_audit.%I is missing', freehold._audit_name(l.home_id))
                when p.oid is null then 'the function that writes its log is missing'
                else 'log or function are not as freehold makes them' end,
           'A log that is missing stops every writer of an audited table; one that is another''s is no evidence.',
           case when h.id is null then format('select freehold._audit_drop(%L);', l.home_id)
                else format('select freehold._audit_make(%L);', l.home_id) end
    from freehold.audit_log as l
    left join home as h on h.id = l.home_id
    left join pg_class as c on c.oid = to_regclass('freehold_audit.' || freehold._audit_name(l.home_id))
    left join pg_proc as p on p.oid = to_regproc('freehold_audit.' || freehold._audit_writer(l.home_id))
    where h.id is null or c.oid is null or p.oid is null or not p.prosecdef or p.prosrc <> freehold._audit_body(l.home_id)
        or p.proowner <> freehold._role('audit_owner')::regrole or c.relowner <> p.proowner
        or p.proconfig is distinct from array['search_path=pg_catalog, pg_temp', 'plan_cache_mode=force_generic_plan',
                                               'extra_float_digits=1']
    union all
    select 'error', i.identity, 'is no tenant''s or template''s log, nor what writes one',
           'What is in this schema could be taken for a record.', format('drop %s %s;', i.type, i.identity)
    from (select 'pg_class'::regclass as classid, c.oid, c.relname as name from pg_class as c
          where c.relnamespace = 'freehold_audit'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
          union all
          select 'pg_proc'::regclass, p.oid, p.proname from pg_proc as p
          where p.pronamespace = 'freehold_audit'::regnamespace
              and p.proname not in ('execute_statement', 'to_json', 'stale', 'update_script')) as o
    cross join lateral pg_identify_object(o.classid, o.oid, 0) as i
    where not exists (select from freehold.audit_log as l
                      where o.name in (freehold._audit_name(l.home_id), freehold._audit_writer(l.home_id)))
        and not (o.classid = 'pg_class'::regclass
                 and exists (select from freehold.audit_log as l
                             cross join lateral freehold._audit_partition(l.home_id) as p
                             where l.partition_width is not null and p.relation = o.oid))
    union all
    select 'error', p.relation::regclass::text, format('belongs to role %s', c.relowner::regrole),
           'Its owner can change what is recorded.',
           format('alter table %s owner to %I;', p.relation::regclass, freehold._role('audit_owner'))
    from freehold.audit_log as l
    cross join lateral freehold._audit_partition(l.home_id) as p
    join pg_class as c on c.oid = p.relation
    where l.partition_width is not null and c.relowner <> freehold._role('audit_owner')::regrole
    union all
    select 'warning', coalesce(h.name, l.home_id::text), format('its log has no partition from %s on', l.partitioned_until),
           'What is recorded goes to the partition for the rest, which no purge drops.', 'select freehold.audit_partition_make();'
    from freehold.audit_log as l
    left join home as h on h.id = l.home_id
    where l.partitioned_until <= freehold._now()
    union all
    select 'error', h.name, format('%s has %s on it', coalesce(r.rolname, 'public'), lower(h.privilege)),
           'Nobody but the control plane reads the logs, and nobody writes them.',
           freehold._privilege_undo(h.privilege, h.name, h.grantee, h.grantor, h.owner)
    from holder as h
    left join pg_roles as r on r.oid = h.grantee
    union all
    select 'error', pg_describe_object(s.classid, s.objid, s.objsubid), format('%I has a privilege on it', freehold._role('audit_owner')),
           'By TRIGGER on a table anybody in the schema could change what is recorded of it.',
           case s.classid when 'pg_class'::regclass
                          then format('revoke all on table %s from %I;', s.objid::regclass, freehold._role('audit_owner'))
                          when 'pg_namespace'::regclass
                          then format('revoke all on schema %s from %I;', s.objid::regnamespace, freehold._role('audit_owner'))
                          else 'Revoke it.' end
    from pg_shdepend as s
    where s.refclassid = 'pg_authid'::regclass and s.refobjid = freehold._role('audit_owner')::regrole and s.deptype = 'a'
        and s.dbid = (select d.oid from pg_database as d where d.datname = current_database())
        -- What it has in the control plane, another check looks at.
        and coalesce((pg_identify_object(s.classid, s.objid, s.objsubid)).schema, '') not in ('freehold', 'freehold_audit')
        and not (s.classid = 'pg_namespace'::regclass and s.objid in ('freehold'::regnamespace, 'freehold_audit'::regnamespace))
    union all
    select 'error', format('role %I', g.rolname), format('%s is a member', m.member::regrole),
           'Its members can rewrite what is recorded.', freehold._membership_undo(m.roleid, m.member, m.grantor)
    from freehold._membership_list() as m
    join pg_roles as g on g.oid = m.roleid and g.rolname in (freehold._role('audit_owner'), freehold._role('nobody'))
    where m.inherits or m.sets
$$;
