-- Whether a role has, by attribute, membership or grant, a way to tenants' rows or to the control plane.
create or replace function freehold._isolation_reaches(role oid) returns boolean
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(bool_or(r.rolsuper or r.rolbypassrls or r.rolcreaterole), false)
        or exists (select from freehold._fleet_role() as f
                   where f.kind not in ('tenant', 'resolver', 'member', 'trusted') and pg_has_role(role, f.id, 'member'))
        or exists (select from pg_roles as p
                   where p.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                                       'pg_execute_server_program')
                       and pg_has_role(role, p.oid, 'member'))
        or exists (select from pg_shdepend as s
                   join pg_class as c on c.oid = s.objid
                   join freehold._fleet_home() as h on h.ns = c.relnamespace
                   where s.refclassid = 'pg_authid'::regclass and s.refobjid = role and s.classid = 'pg_class'::regclass
                       and s.dbid = (select d.oid from pg_database as d where d.datname = current_database()))
    from pg_roles as r
    where r.oid = role
$$;
