-- Casts of what has no entry of its own in the schema: the row type of a table, an array; with a comment, and used by a view.
create type mood as enum ('fine', 'tired');
create table contact (id integer primary key, felt mood[]);
create cast (contact as json) with function pg_catalog.row_to_json(record);
create cast (mood[] as text) with inout as assignment;
comment on cast (contact as json) is 'as a document';
create view document as select c::json as body from contact as c;
