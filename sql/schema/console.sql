create table if not exists freehold.console_session (
    digest bytea primary key check (octet_length(digest) = 32),
    actor text not null,
    kind text not null check (kind in ('key', 'operator')),
    roles text[] not null,
    key_digest bytea,
    issuer text,
    subject text,
    opened_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null,
    check ((kind = 'key') = (key_digest is not null))
);
comment on table freehold.console_session is
    'Who is signed in to the console. What a browser has is 32 random bytes, of which only the hash is here.';
comment on column freehold.console_session.digest is 'The sha256 of the session''s secret.';
comment on column freehold.console_session.roles is 'Of a token, at the sign-in; of a key they are asked anew each time.';
comment on column freehold.console_session.key_digest is 'The sha256 of the API key: the session ends with the key.';
comment on column freehold.console_session.seen_at is 'To the minute.';
create index if not exists console_session_expiry_idx on freehold.console_session (expires_at);
