create table if not exists freehold.outbox (
    id bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    topic text not null check (topic ~ '^[a-z][a-z_.]{0,62}$'),
    tenant_id uuid,
    payload jsonb not null check (jsonb_typeof(payload) = 'object'),
    delivered_at timestamptz
);
comment on table freehold.outbox is
    'What somebody outside is to be told, written in the transaction of what happened. Whoever delivers reads outbox_list() and says '
    'outbox_delivered() afterwards: each is told at least once.';
comment on column freehold.outbox.xid is 'The transaction that wrote it.';
comment on column freehold.outbox.topic is 'What it is about: break_glass.opened for one.';
comment on column freehold.outbox.payload is 'What to tell; no secrets. It goes when its tenant is erased.';
create index if not exists outbox_waiting_idx on freehold.outbox (id) where delivered_at is null;
create index if not exists outbox_tenant_idx on freehold.outbox (tenant_id) where tenant_id is not null;
