create or replace function freehold._doctor_createrole(version_num integer default current_setting('server_version_num')::integer)
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'note', 'PostgreSQL 15', 'CREATEROLE amounts to superuser',
           'The cells, which make the tenants'' roles, hold it; nothing can log in as one.',
           'Move to PostgreSQL 16 or later, where CREATEROLE is confined to the roles it made.'
    where version_num < 160000
$$;
