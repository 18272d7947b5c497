create or replace function freehold._doctor_hardening()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'note', 'PUBLIC', 'has PostgreSQL''s own rights to advisory locks, large objects, set_config and their kin',
           'A tenant that runs SQL of its own can use them against others; only a superuser can take them.',
           'As a superuser: freehold harden, or psql -X -1 -v ON_ERROR_STOP=1 -f sql/harden.sql'
    where to_regnamespace('freehold_harden') is null
$$;
