-- Roles of the installation that were not granted CONNECT on the database themselves: PUBLIC may lose its own at any time.
create or replace function freehold._connect_missing() returns table (role_name name)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with connect as (
        select a.grantee
        from pg_database as d
        cross join lateral aclexplode(d.datacl) as a
        where d.datname = current_database() and a.privilege_type = 'CONNECT'
    )
    select r.name
    from (select freehold._role(s)
          from unnest(array['tenant', 'admin', 'auditor', 'worker', 'resolver', 'member', 'break_glass', 'analyst']) as s
          union all
          select c.gate_name from freehold.cell as c) as r (name)
    where quote_ident(r.name)::regrole not in (select c.grantee from connect as c)
$$;
