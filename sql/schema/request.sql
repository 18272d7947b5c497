create table if not exists freehold.request (
    actor text not null,
    key text not null check (octet_length(key) between 1 and 255),
    routine text not null,
    digest bytea not null,
    response text,
    at timestamptz not null,
    primary key (actor, key)
);
comment on table freehold.request is
    'What was answered to requests that named a key of their own: the same key again gets the same answer, and nothing is done twice.';
comment on column freehold.request.actor is 'Whose key it is: two actors may use the same.';
comment on column freehold.request.digest is 'The sha256 of the arguments: another request may not use the key.';
comment on column freehold.request.response is 'The answer, JSON, without what is told only once.';
create index if not exists request_at_idx on freehold.request (at);
