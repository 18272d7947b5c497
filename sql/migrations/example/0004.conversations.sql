-- depends: 0003.tickets

create table message (
    id bigint generated always as identity primary key,
    ticket_id bigint not null constraint message_ticket references ticket on delete cascade,
    agent_id uuid constraint message_agent references agent,
    contact_id uuid constraint message_contact references contact,
    visibility visibility not null default 'public',
    body text not null,
    created_at timestamptz not null default now(),
    constraint message_one_author check (num_nonnulls(agent_id, contact_id) = 1),
    constraint message_contact_is_public check (contact_id is null or visibility = 'public')
);
comment on table message is 'What was said on a ticket, by an agent or by a contact.';

create index message_ticket on message (ticket_id, created_at);
create index message_agent on message (agent_id, created_at) where agent_id is not null;
create index message_words on message using gin (to_tsvector('english', body)) where visibility = 'public';

create table attachment (
    id uuid primary key default gen_random_uuid(),
    message_id bigint not null constraint attachment_message references message on delete cascade,
    file_name text not null,
    media_type text not null default 'application/octet-stream',
    byte_size bigint not null constraint attachment_byte_size check (byte_size >= 0),
    digest bytea not null constraint attachment_digest check (octet_length(digest) = 32),
    created_at timestamptz not null default now()
);
comment on table attachment is 'A file; its bytes lie in the object store under the digest.';
comment on column attachment.digest is 'SHA-256 of the bytes.';

alter table attachment alter column digest set storage plain;

create index attachment_message on attachment (message_id);
create index attachment_digest on attachment using hash (digest);

create table tag (
    id integer generated always as identity primary key,
    parent_id integer constraint tag_parent references tag on delete restrict,
    name text not null,
    colour text not null default '#888888' constraint tag_colour check (colour ~ '^#[0-9a-f]{6}$')
);
create unique index tag_name on tag (lower(name));

create table ticket_tag (
    ticket_id bigint not null constraint ticket_tag_ticket references ticket on delete cascade,
    tag_id integer not null constraint ticket_tag_tag references tag on delete cascade,
    primary key (ticket_id, tag_id)
);
create index ticket_tag_tag on ticket_tag (tag_id);

create table time_entry (
    id bigserial primary key,
    ticket_id bigint not null constraint time_entry_ticket references ticket on delete cascade,
    agent_id uuid not null constraint time_entry_agent references agent,
    during tstzrange not null
        constraint time_entry_bounded check (not lower_inf(during) and not upper_inf(during)),
    minutes numeric(8, 2) generated always as (
        round(extract(epoch from upper(during) - lower(during)) / 60, 2)
    ) stored,
    billable boolean not null default true,
    note text
);
comment on table time_entry is 'Time an agent spent on a ticket.';
create index time_entry_ticket on time_entry (ticket_id);
create index time_entry_during on time_entry using gist (during);

create table satisfaction_rating (
    ticket_id bigint primary key constraint satisfaction_rating_ticket references ticket on delete cascade,
    contact_id uuid not null constraint satisfaction_rating_contact references contact,
    score smallint not null constraint satisfaction_rating_score check (score between 1 and 5),
    remark text,
    created_at timestamptz not null default now()
);
comment on table satisfaction_rating is 'What the contact thought of it, asked once a ticket is solved.';

create function message_after() returns trigger
language plpgsql
set search_path from current
as $$
begin
    if new.contact_id is not null then
        update ticket set status = 'open'
        where id = new.ticket_id and status in ('pending', 'solved');
    elsif new.visibility = 'public' then
        update ticket
        set first_response_at = coalesce(first_response_at, new.created_at),
            status = case when status = 'new' then 'open' else status end
        where id = new.ticket_id and (first_response_at is null or status = 'new');
    end if;
    return null;
end
$$;
comment on function message_after() is 'An answer stops the first clock of a ticket; a reply reopens it.';

create trigger message_after after insert on message
for each row execute function message_after();
