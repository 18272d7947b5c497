-- What binds a tenant that runs SQL of its own: every timeout can be set by itself, these two cannot.
create or replace function freehold._doctor_logins(max_connections integer default current_setting('max_connections')::integer)
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with login as (
        select t.slug, r.access, r.role, p.rolconnlimit as connections
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as r
        join pg_roles as p on p.rolname = r.role
        where t.state = 'active' and r.login
    )
    select 'warning', l.role::text, 'may take every connection of the server',
           'One tenant can shut all others out; only a role''s connection limit prevents it.',
           format('select freehold.login_enable(%L, %L, connection_limit => 20);', l.slug, l.access)
    from login as l
    where l.connections = -1
    union all
    select 'note', 'max_connections', format('logins of tenants may hold %s connections, the server takes %s', sum(l.connections),
                                             max_connections),
           'When all of them do, nobody else gets in.', 'Lower the limits, or put a pooler before the server.'
    from login as l
    where l.connections > 0
    having sum(l.connections) > max_connections
    union all
    select 'note', 'temp_file_limit', 'temporary files have no limit', 'A tenant''s query can fill the disk of all.',
           'alter system set temp_file_limit = ''10GB''; select pg_reload_conf();'
    where exists (select from login)
        and (select s.reset_val = '-1' from pg_settings as s where s.name = 'temp_file_limit')
$$;
