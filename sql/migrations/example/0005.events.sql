-- depends: 0004.conversations

create type event_kind as enum ('created', 'status', 'assignee', 'priority', 'queue', 'sla breach');

create sequence ticket_event_id as bigint cache 20;

create table ticket_event (
    id bigint not null default nextval('ticket_event_id'),
    ticket_id bigint not null constraint ticket_event_ticket references ticket on delete cascade,
    kind event_kind not null,
    old_value text,
    new_value text,
    actor text not null default coalesce(nullif(current_setting('freehold.actor', true), ''), session_user),
    occurred_at timestamptz not null default now(),
    primary key (id, occurred_at)
) partition by range (occurred_at);
comment on table ticket_event is 'The history of every ticket, by year, so that an old year can be detached.';

alter sequence ticket_event_id owned by ticket_event.id;

create table ticket_event_2025 partition of ticket_event
for values from ('2025-01-01 00:00:00+00') to ('2026-01-01 00:00:00+00');
create table ticket_event_2026 partition of ticket_event
for values from ('2026-01-01 00:00:00+00') to ('2027-01-01 00:00:00+00');
create table ticket_event_2027 partition of ticket_event
for values from ('2027-01-01 00:00:00+00') to ('2028-01-01 00:00:00+00');
create table ticket_event_other partition of ticket_event default;

create index ticket_event_ticket on ticket_event (ticket_id, occurred_at);
create index ticket_event_time on ticket_event using brin (occurred_at);

-- Transition tables: an import of a thousand tickets writes its history with one INSERT, not with a thousand.
create function ticket_history_insert() returns trigger
language plpgsql
set search_path from current
as $$
begin
    insert into ticket_event (ticket_id, kind, new_value, occurred_at)
    select n.id, 'created', n.status::text, n.created_at
    from new_rows as n
    order by n.id;
    return null;
end
$$;
comment on function ticket_history_insert() is 'Writes the first event of new tickets.';

create function ticket_history_update() returns trigger
language plpgsql
set search_path from current
as $$
begin
    insert into ticket_event (ticket_id, kind, old_value, new_value)
    select n.id, c.kind, c.old_value, c.new_value
    from new_rows as n
    join old_rows as o on o.id = n.id
    cross join lateral (
        values
            ('status'::event_kind, o.status::text, n.status::text),
            ('assignee', o.assignee_id::text, n.assignee_id::text),
            ('priority', o.priority_id::text, n.priority_id::text),
            ('queue', o.queue_id::text, n.queue_id::text)
    ) as c (kind, old_value, new_value)
    where c.old_value is distinct from c.new_value
    order by n.id, c.kind;
    return null;
end
$$;
comment on function ticket_history_update() is 'Writes an event for each column changed, of those watched.';

create trigger ticket_history_insert after insert on ticket
referencing new table as new_rows
for each statement execute function ticket_history_insert();

create trigger ticket_history_update after update on ticket
referencing old table as old_rows new table as new_rows
for each statement execute function ticket_history_update();

create type sla_clock as enum ('first response', 'resolution');

create table sla_breach (
    id bigint generated always as identity primary key,
    ticket_id bigint not null constraint sla_breach_ticket references ticket on delete cascade,
    policy_id integer not null constraint sla_breach_policy references sla_policy,
    clock sla_clock not null,
    due_at timestamptz not null,
    noticed_at timestamptz not null default now(),
    constraint sla_breach_once unique (ticket_id, clock)
);
comment on table sla_breach is 'A promise that was not kept.';
create index sla_breach_policy on sla_breach (policy_id);

create table webhook (
    id uuid primary key default gen_random_uuid(),
    url text not null constraint webhook_url check (url ~ '^https://'),
    kinds event_kind[] not null default enum_range(null::event_kind),
    secret_name text not null,
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    constraint webhook_target unique nulls not distinct (url, disabled_at)
);
comment on table webhook is 'Who is told about events.';
comment on column webhook.secret_name is 'Name of the signing secret in the vault; never the secret.';

create table webhook_delivery (
    id bigint generated always as identity primary key,
    webhook_id uuid not null constraint webhook_delivery_webhook references webhook on delete cascade,
    ticket_id bigint constraint webhook_delivery_ticket references ticket on delete set null,
    payload jsonb not null,
    attempts smallint not null default 0,
    next_attempt_at timestamptz default now(),
    delivered_at timestamptz,
    response_status smallint,
    constraint webhook_delivery_done check (delivered_at is null or next_attempt_at is null)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
comment on table webhook_delivery is 'An outbox: written with the event, sent afterwards.';

create index webhook_delivery_due on webhook_delivery (next_attempt_at) where next_attempt_at is not null;
create index webhook_delivery_payload on webhook_delivery using gin (payload jsonb_path_ops);
create index webhook_delivery_webhook on webhook_delivery (webhook_id, id desc);
