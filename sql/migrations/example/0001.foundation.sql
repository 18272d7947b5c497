-- A help desk, as the schema of one organisation. What the other migrations share comes first.
-- Names are bare throughout: the schema is whichever comes first in search_path.

create domain email as text
    constraint email_shape check (value ~ '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$');
comment on domain email is 'An address as the person wrote it; compare through email_key().';

create type channel as enum ('email', 'web', 'phone', 'chat', 'api');
create type customer_tier as enum ('free', 'standard', 'enterprise');
create type ticket_status as enum ('new', 'open', 'pending', 'on hold', 'solved', 'closed');
create type visibility as enum ('public', 'internal');
create type weekday as enum ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
comment on type ticket_status is 'In the order a ticket usually passes through.';

create type office_hours as (
    opens time,
    closes time,
    days weekday[]
);
comment on type office_hours is 'When a queue is staffed, in the time zone of the organisation.';

create function email_key(address text) returns text
language sql immutable strict parallel safe
return lower(btrim(address));
comment on function email_key(text) is 'The form under which two spellings of one address are equal.';

create function row_touch() returns trigger
language plpgsql
as $$
begin
    new.updated_at := now();
    return new;
end
$$;
comment on function row_touch() is 'Keeps updated_at; attached to every table that has one.';

create table organisation_setting (
    name text primary key
        constraint organisation_setting_name check (name ~ '^[a-z][a-z0-9_.]*$'),
    value jsonb not null,
    description text,
    updated_at timestamptz not null default now()
);
comment on table organisation_setting is 'One row a setting; without a row the application''s default holds.';

create trigger organisation_setting_touch
before update on organisation_setting
for each row when (old.* is distinct from new.*)
execute function row_touch();

create table closure (
    id integer generated always as identity primary key,
    during daterange not null
        constraint closure_bounded check (not lower_inf(during) and not upper_inf(during)),
    reason text not null,
    constraint closure_apart exclude using gist (during with &&)
);
comment on table closure is 'Days on which no SLA clock runs; two closures never overlap.';
