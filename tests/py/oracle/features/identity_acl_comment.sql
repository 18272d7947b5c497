-- comment and privileges on the sequence behind an identity column
create table a (id integer generated always as identity);
comment on sequence a_id_seq is 'hidden';
grant usage, select on sequence a_id_seq to {rw};
