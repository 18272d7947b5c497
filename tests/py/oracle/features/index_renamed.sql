-- index and constraint names after renames
create table a (id integer primary key, v text unique);
alter table a rename constraint a_pkey to renamed;
alter index a_v_key rename to "Index Name";
alter table a rename to b;
