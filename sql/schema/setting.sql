create table if not exists freehold.setting (
    name text primary key,
    value text not null,
    fixed boolean not null default false,
    description text not null,
    changed_at timestamptz not null default clock_timestamp()
);
comment on table freehold.setting is 'Settings of this installation, one for all clients. Fixed ones are chosen at the first install.';
comment on column freehold.setting.fixed is 'Chosen at install; setting_set() refuses to change it.';

insert into freehold.setting (name, value, fixed, description)
values
    ('role_prefix', current_setting('freehold.role_prefix'), true, 'What the cluster-wide role names begin with.'),
    ('schema_prefix', coalesce(nullif(current_setting('freehold.schema_prefix', true), ''), 'tenant_'), true,
     'What the tenants'' schemas begin with.'),
    ('naming', coalesce(nullif(current_setting('freehold.naming', true), ''), 'slug'), true,
     'slug: schemas are named after the slug. opaque: after a random id, so that the catalogs tell no names.'),
    ('clock_offset', '0', true, 'Added to the clock by _now(); for tests of grace periods.'),
    ('cell_capacity', '100', false, 'Tenants to a cell; a full cell opens the next.'),
    ('retire_grace', '30 days', false, 'How long a retired tenant is kept before it may be erased.'),
    ('seed_limit', '16777216', false, 'Bytes of rows that a frozen template may carry.'),
    ('mask_strict', 'off', false,
     'on: a masked clone wants a rule for every column that can hold text. off: for those that look personal.'),
    ('access_log', 'off', false, 'Whether each tenant transaction leaves a row in the access log: on or off.'),
    ('break_glass_ttl', '1 hour', false, 'How long break_glass_open() lets somebody in where nothing else is said.'),
    ('break_glass_max_ttl', '4 hours', false,
     'The longest time that break_glass_open() gives; also how long a request waits for approval.'),
    ('break_glass_approval', 'off', false,
     'on: break_glass_open() needs a second person. A tenant''s own setting of this name goes before it.'),
    ('backup_retention', 'unknown', false, 'How long backups and dumps are kept, for certificates of erasure: 35 days, 0, or unknown.'),
    ('wal_retention', 'unknown', false,
     'How long write-ahead log is kept, archived or on the server, for certificates of erasure: as backup_retention.'),
    ('replica_retention', 'unknown', false,
     'How far replicas may be behind, delayed ones and snapshots of disks included: as backup_retention.'),
    ('log_retention', 'unknown', false,
     'How long the logs of server and poolers are kept, for certificates of erasure: as backup_retention.')
on conflict (name) do nothing;

do $$
declare
    v_schema_prefix constant text := (select value from freehold.setting where name = 'schema_prefix');
    v_naming constant text := (select value from freehold.setting where name = 'naming');
begin
    if v_schema_prefix !~ '^[a-z][a-z0-9_]{0,13}_$' or v_schema_prefix like 'pg\_%' or v_schema_prefix = 'template_' then
        raise exception 'schema prefix "%" is not usable', v_schema_prefix
            using errcode = 'FH003',
                  detail = 'At most 15 of a-z, 0-9 and _, beginning with a letter and ending with _; pg_ and template_ are reserved.',
                  hint = 'PGOPTIONS=''-c freehold.schema_prefix=crm_'', or freehold install --schema-prefix crm_.';
    end if;
    if v_naming not in ('slug', 'opaque') then
        raise exception 'naming is slug or opaque, not "%"', v_naming
            using errcode = 'FH003', hint = 'PGOPTIONS=''-c freehold.naming=opaque'', or freehold install --naming opaque.';
    end if;
end
$$;
