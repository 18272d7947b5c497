-- Where copies stay when the database's are gone, and until when, as the settings say now; until is null where nobody said.
create or replace function freehold._erasure_exclusions(erased_at timestamptz, operation_id bigint)
    returns table (place text, basis text, until timestamptz, known boolean)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select p.place, format('setting %s: %s', s.name, s.value), u.until, u.until is not null
    from (values (1, 'backups and dumps', 'backup_retention'), (2, 'write-ahead log and its archive', 'wal_retention'),
                 (3, 'replicas and snapshots of disks', 'replica_retention'), (4, 'logs of server and poolers', 'log_retention'))
        as p (n, place, name)
    join freehold.setting as s on s.name = p.name
    cross join lateral (select case when s.value <> 'unknown' then erased_at + s.value::interval end as until) as u
    union all
    select format('eraser %s', t.eraser), t.reason, t.until, t.until is not null
    from freehold.erasure_task as t
    where t.operation_id = _erasure_exclusions.operation_id and t.state = 'excluded'
$$;
