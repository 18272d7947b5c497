-- Tamper evidence: what was written to the audit of the control plane and to the logs of rows is sealed in batches, each hashed
-- together with the one before. A chain is one of them: the control plane's has the id of all zeros, the others their home's.
-- Writers know nothing of it. A row's place is (xid, id); once all transactions below an xid have ended nothing can come before
-- it any more, so that a batch is exactly the rows from one place to the next.
create table if not exists freehold.seal_epoch (
    number integer primary key check (number > 0),
    place text not null,
    began_at timestamptz not null,
    began_by text not null,
    reason text
);
comment on table freehold.seal_epoch is
    'Where seals were made: another cluster counts transactions anew, so that places are compared within an epoch only. audit_epoch() '
    'begins one.';
comment on column freehold.seal_epoch.place is 'Identifier of the cluster, and the database''s there.';

create table if not exists freehold.seal (
    chain uuid not null,
    number bigint not null check (number > 0),
    epoch integer not null,
    epoch_id bigint not null,
    from_xid xid8 not null,
    from_id bigint not null,
    to_xid xid8 not null,
    to_id bigint not null,
    first_sequence bigint not null,
    rows integer not null check (rows >= 0),
    lowest_id bigint not null,
    highest_id bigint not null,
    oldest_at timestamptz,
    last_id bigint not null,
    sealed_at timestamptz not null,
    previous bytea not null,
    digest bytea not null,
    hash bytea not null,
    leaves bytea not null,
    primary key (chain, number)
);
alter table freehold.seal alter column leaves set storage external;
comment on table freehold.seal is
    'The seals, never changed and never deleted. Of a row they hold a salted hash, which tells nothing once the row is gone.';
comment on column freehold.seal.chain is 'The home whose rows it seals; all zeros: the events of the control plane.';
comment on column freehold.seal.epoch_id is 'The lowest id of a row of its epoch.';
comment on column freehold.seal.from_id is
    'It begins at the place (from_xid, from_id), and ends before (to_xid, to_id). 0: between transactions.';
comment on column freehold.seal.first_sequence is 'The number of its first row: rows are numbered without a gap, from 1.';
comment on column freehold.seal.lowest_id is 'Of its rows, as highest_id: what a log is searched by.';
comment on column freehold.seal.oldest_at is 'Of its rows: a retention has deleted none of them that begins later.';
comment on column freehold.seal.last_id is 'The highest id of a row that was sealed so far.';
comment on column freehold.seal.previous is 'hash of the seal before; of the first one 32 zeros.';
comment on column freehold.seal.digest is 'sha256 of leaves.';
comment on column freehold.seal.hash is 'sha256 of what the other columns say, of previous and of digest.';
comment on column freehold.seal.leaves is 'For each row, in the order of their places, the sha256 of all its columns.';

create table if not exists freehold.seal_chain (
    chain uuid primary key,
    epoch integer not null,
    low_id bigint not null default 0,
    seen_id bigint not null default 0,
    seen_xid xid8 not null default '0'
);
comment on table freehold.seal_chain is
    'How far the sealer is with each chain, so that it reads only what is new. Seals do not rest on it.';
comment on column freehold.seal_chain.low_id is 'Rows that are not sealed have higher ids.';
comment on column freehold.seal_chain.seen_id is
    'The last id that was given out when the sealer looked; it becomes low_id once all transactions below seen_xid have ended.';

do $$
begin
    if to_regtype('freehold._seal_row') is null then
        create type freehold._seal_row as (xid xid8, id bigint);
        comment on type freehold._seal_row is 'The place of a row in its chain.';
    end if;
end
$$;
