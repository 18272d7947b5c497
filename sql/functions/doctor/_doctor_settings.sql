-- What the server was started with or reloaded, not what this session set. relations: by default as many as there are.
create or replace function freehold._doctor_settings(relations bigint default null)
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with setting as (
        select s.name, s.reset_val as value, s.source, s.enumvals, s.boot_val from pg_settings as s
    ), config as (
        select jsonb_object_agg(s.name, s.value) as value, bool_or('syncfs' = any (s.enumvals)) as syncfs,
               coalesce(relations, max(c.reltuples)::bigint) as relations
        from setting as s, pg_class as c
        where c.oid = 'pg_class'::regclass
    ), bad as (
        select b.*
        from config as c
        cross join lateral (values
            ('autovacuum', 'error', c.value ->> 'autovacuum' = 'off', 'on',
             'Dead rows stay, in the catalogs too, and nothing holds off the wraparound of transaction ids.'),
            ('track_counts', 'error', c.value ->> 'track_counts' = 'off', 'on', 'Autovacuum finds its work by these counts.'),
            ('autovacuum_naptime', 'warning',
             (c.value ->> 'autovacuum_naptime')::numeric * 150000 < c.relations,
             (c.relations / 100000)::text || 's',
             format('Each round looks at all %s relations: more than a tenth of a core is spent on looking.', c.relations)),
            ('recovery_init_sync_method', 'warning',
             c.value ->> 'recovery_init_sync_method' = 'fsync' and c.syncfs and c.relations > 100000, 'syncfs',
             format('After a crash the server first syncs every file: of %s relations about %s s, with syncfs one or two.',
                    c.relations, c.relations * 27 / 100000)),
            ('track_activities', 'warning', c.value ->> 'track_activities' = 'off', 'on',
             'Who holds up a lifecycle operation cannot be seen.'),
            ('row_security', 'warning', c.value ->> 'row_security' = 'off', 'on',
             'A query that a tenant''s policy would filter is an error.'),
            ('password_encryption', 'warning', c.value ->> 'password_encryption' <> 'scram-sha-256', 'scram-sha-256',
             'A stored md5 hash logs in as it is.'),
            ('log_statement', 'warning', c.value ->> 'log_statement' in ('mod', 'all'), 'ddl',
             'Tenants'' rows enter the server''s log with the statements; no erasure reaches it.')
        ) as b (name, severity, is_bad, better, reason)
        where b.is_bad
    )
    select b.severity, b.name, format('%s is %s', b.name, s.value), b.reason,
           case s.source
               when 'command line' then format('Take %s off the server''s command line.', b.name)
               when 'database' then format('alter database %I reset %I;', current_database(), b.name)
               when 'user' then format('alter role %I reset %I;', session_user, b.name)
               else format('alter system set %I = %L; select pg_reload_conf();', b.name, b.better)
           end
    from bad as b
    join setting as s using (name)
$$;
