-- The floor is what mended the flaws of 2026.
create or replace function freehold._doctor_server_version(
    version_num integer default current_setting('server_version_num')::integer,
    listen_addresses text default current_setting('listen_addresses')
)
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case when h.addresses <@ array['localhost', '127.0.0.1', '::1', ''] then 'warning' else 'error' end,
           format('PostgreSQL %s.%s', f.major, version_num % 10000), format('%s.%s is the least that is safe', f.major, f.minor),
           'Below it whoever runs SQL, a tenant that is, can run programs as the server''s operating system user.',
           'Upgrade the server''s packages, and restart it at once.'
    from (values (15, 20), (16, 16), (17, 12), (18, 7)) as f (major, minor),
         (select string_to_array(replace(listen_addresses, ' ', ''), ',')) as h (addresses)
    where f.major = version_num / 10000 and version_num % 10000 < f.minor
$$;
