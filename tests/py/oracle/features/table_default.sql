-- defaults: constants, expressions, functions of the schema, casts, null
create function next_code(prefix text) returns text language sql volatile as 'select prefix || 1';
create type state as enum ('open', 'closed');
create table a (
    id uuid default gen_random_uuid(), code text default next_code('k-'), s state default 'open',
    at timestamptz default now(), d date default current_date, n integer default (1 + 2) * 3, x text default null,
    arr integer[] default '{1,2}', js jsonb default '{"a": "it''s"}', who text default current_user,
    iv interval default '1 day'::interval, neg integer default -1, states state[] default array['open'::state]
);
