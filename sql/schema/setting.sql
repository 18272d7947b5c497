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
    ('cell_capacity', '500', false, 'Tenants to a cell; a full cell opens the next.'),
    ('retire_grace', '30 days', false, 'How long a retired tenant is kept before it may be erased.'),
    ('seed_limit', '16777216', false, 'Bytes of rows that a frozen template may carry.')
on conflict (name) do nothing;

do $$
begin
    if (select value from freehold.setting where name = 'schema_prefix') !~ '^[a-z][a-z0-9_]{0,13}_$' then
        raise exception 'schema prefix "%" is not usable', (select value from freehold.setting where name = 'schema_prefix')
            using errcode = 'FH003', hint = 'At most 15 of a-z, 0-9 and _, beginning with a letter and ending with _.';
    end if;
    if (select value from freehold.setting where name = 'schema_prefix') in ('pg_', 'template_') then
        raise exception 'schema prefixes pg_ and template_ are reserved' using errcode = 'FH003';
    end if;
    if (select value from freehold.setting where name = 'naming') not in ('slug', 'opaque') then
        raise exception 'naming is slug or opaque' using errcode = 'FH003';
    end if;
end
$$;
