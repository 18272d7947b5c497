-- Asked of the functions by which an install gives them back; who is suspended or retired should be without.
create or replace function freehold._doctor_missing_grants()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'error', 'cell 0', 'a grant is missing: ' || m.statement, 'Cells that lack it cannot do their work.',
           'Install again: freehold install, or psql -X -1 -f sql/install.sql'
    from freehold._cell_grant_missing() as m
    union all
    select 'error', format('cell %s', m.cell), 'a grant is missing: ' || m.statement,
           'The tenant cannot be reached, or not be seen by the control plane.',
           'Install again: freehold install, or psql -X -1 -f sql/install.sql'
    from freehold._tenant_grant_missing() as m
    union all
    select 'error', m.role_name::text, format('may not connect to database %I', current_database()),
           'Members of the role get in only as long as PUBLIC may.',
           format('grant connect on database %I to %I;', current_database(), m.role_name)
    from freehold._connect_missing() as m
$$;
